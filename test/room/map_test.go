package room

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pointed moves the mouse over the map until something on it can be clicked, and clicks it.
// A map is one picture: there is nothing in it to be named.
const pointed = `(() => {
	const canvas = document.querySelector(".map-picture canvas"), box = canvas.getBoundingClientRect(), root = canvas.parentElement;
	const at = (kind, x, y) => root.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: box.left + x, clientY: box.top + y}));
	for (let y = 8; y < box.height; y += 6) for (let x = 8; x < box.width; x += 6) {
		at("mousemove", x, y);
		if (root.style.cursor !== "pointer") continue;
		for (const kind of ["mousedown", "mouseup", "click"]) at(kind, x, y);
		return true;
	}
	return false;
})()`

// pressed presses a button, which on a phone may lie behind the bar at its foot.
func pressed(selector string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q).click()", selector), nil)
}

// TestMap goes from the list of sites to the map, points a site out there by its list,
// moves the map, and opens a site by its mark.
func TestMap(t *testing.T) { //nolint:paralleltest // one demonstration at a time
	o := newOperator(t, 39000, 60)
	c := o.client(t, "anna")
	var all struct {
		Sites []struct {
			Position *struct{ Latitude, Longitude float64 }
		}
	}
	until(t, "both sites say where they stand", 60*time.Second, func() bool {
		o.call(t, c, "GET", "/v1/sites", &all)
		return len(all.Sites) == 2 && all.Sites[0].Position != nil && all.Sites[1].Position != nil
	})
	for _, l := range []look{{"en", "light", 1280}, {"en", "dark", 1280}, {"ar", "light", 1280}, {"pt", "dark", 390}} {
		t.Run(l.String(), func(t *testing.T) {
			p := o.sit(t, "anna", l)
			p.faults.All() // of who was not logged in yet
			p.goes(t, "/")
			p.do(t, chromedp.Click(`main a[href="/map"]`, chromedp.ByQuery), chromedp.WaitVisible(".map-picture canvas", chromedp.ByQuery), chromedp.WaitReady(`body[data-ready="1"]`, chromedp.ByQuery))
			p.do(t, pressed(`.map-site:nth-child(2) button`), chromedp.WaitReady(`.map-site[data-picked] button[aria-pressed="true"]`, chromedp.ByQuery))
			p.keep(t, "map_picked-"+l.String())
			p.visit(t, "/map", l)
			p.do(t, pressed(`.map-picture .chart button:nth-of-type(1)`))
			p.keep(t, "map_nearer-"+l.String())
			p.do(t, pressed(`.map-picture .chart button:nth-of-type(3)`))
			var hit bool
			var path string
			p.do(t, chromedp.Evaluate(pointed, &hit), chromedp.WaitReady(`body[data-ready="1"]`, chromedp.ByQuery), chromedp.Location(&path))
			if !hit || !strings.Contains(path, "/sites/") {
				t.Errorf("a mark was found: %v, and it leads to %s", hit, path)
			}
			for _, f := range p.faults.All() {
				t.Error(f)
			}
		})
	}
}
