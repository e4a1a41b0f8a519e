package main
import ("testing";"os")
func TestZZ(t *testing.T){ c,_:=newCity(20); os.MkdirAll("/tmp/capdump2",0o755); if err:=c.hand("/tmp/capdump2",10000);err!=nil {t.Fatal(err)}; c.each(t.Context(),"/tmp/capdump2",10000) }
