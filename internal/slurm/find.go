package slurm

import (
	"os"
	"os/exec"
	"os/user"
	"slices"
)

// Packages are what Debian calls the parts that are needed.
func Packages() []string {
	return []string{"slurm-wlm", "slurmctld", "slurmd", "slurmdbd", "slurmrestd", "slurm-client", "munge", "mariadb-server"}
}

// Missing names what a cluster cannot be started without and is not here.
func Missing() []string {
	var out []string
	for program, where := range map[string]string{
		"slurmctld": "slurmctld", "slurmd": "slurmd", "slurmdbd": "slurmdbd", "slurmrestd": "slurmrestd", "sbatch": "slurm-client",
		"munged": "munge", "mariadbd": "mariadb-server", "mariadb-install-db": "mariadb-server", "mariadb": "mariadb-server",
	} {
		if _, err := find(program); err != nil {
			out = append(out, program+" (Debian: "+where+")")
		}
	}
	for _, name := range []string{"munge", "mysql", "nobody"} {
		if _, err := user.Lookup(name); err != nil {
			out = append(out, "user "+name)
		}
	}
	if os.Getuid() != 0 {
		out = append(out, "root: Slurm starts jobs as other users")
	}
	slices.Sort(out)
	return out
}

// find is where a program is. Daemons lie where not everybody looks.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program)
	}
	return path, err
}
