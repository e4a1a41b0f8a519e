package room

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"sluice/people"
)

// prometheusPath is where the telemetry of a site is read as Prometheus has it: the
// base address of a data source is prometheusPath and the name of the site.
const prometheusPath = "/prometheus/"

// questions are those that are handed on to a site, which answers about itself alone.
func questions() []string {
	return []string{"/api/v1/query", "/api/v1/query_range", "/api/v1/series", "/api/v1/labels", "/api/v1/label/", "/api/v1/status/buildinfo", "/api/v1/metadata", "/metrics"}
}

// prometheus answers a question about the telemetry of a site: for whom the site may be
// looked at, by session or token. Nothing is changed by it.
func (r *Room) prometheus(w http.ResponseWriter, req *http.Request) {
	site, path, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, prometheusPath), "/")
	path = "/" + path
	v, err := r.visitor(req)
	if err == nil {
		err = r.may(route{id: "prometheus", reach: atSite, verb: people.Look}, v, people.Place{Site: site})
	}
	if err != nil {
		r.answer(w, told(err))
		return
	}
	a := r.at(site)
	way, can := a.link.(http.RoundTripper)
	if !can || !asksTelemetry(path) {
		r.answer(w, missing("question", path))
		return
	}
	proxy := httputil.ReverseProxy{
		Transport: way,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL = &url.URL{Scheme: "http", Host: "site", Path: path, RawQuery: p.In.URL.RawQuery}
			p.Out.Header = http.Header{"Content-Type": p.In.Header["Content-Type"], "Accept": p.In.Header["Accept"]} // no cookie and no token leaves
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { r.answer(w, told(ofSite(site, err))) },
	}
	proxy.ServeHTTP(w, req)
}

// asksTelemetry reports whether a path is a question.
func asksTelemetry(path string) bool {
	for _, q := range questions() {
		if path == q || strings.HasSuffix(q, "/") && strings.HasPrefix(path, q) {
			return true
		}
	}
	return false
}
