// Package web serves the pages: HTML from templates, complete without JavaScript, in six languages. It decides nothing
// about who may see what (the store does, for each viewer), and computes no figure that another package owns. Read
// [New] and call (call.go) first.
//
// # How to add a page
//
// A page is one file here with its route, handler, form type and view type, and one template.
//
//	func (s *site) threats(r *routes) { // named in register (web.go)
//		r.handle("GET /threats", people, s.listThreats)
//	}
//
//	func (s *site) listThreats(c *call) error {
//		page, err := s.store.Threats(c.ctx(), c.viewer, query)
//		if err != nil {
//			return err // its kind becomes the error page
//		}
//		return c.render("threats/list", threatsView{view: c.view(), Page: page})
//	}
//
// The second argument of handle says who may come at all (access.go); what they see there is the store's decision. A
// POST ends in c.redirect(path) after c.flash("threat.saved"), or renders the form again with its errors by
// c.renderInvalid.
//
// Templates: templates/<area>/<page>.html defines "title" (the text of title and h1) and "content". The dot is the
// page's view struct, which embeds view, what the layout needs. Shared pieces are in templates/partials. Every page
// carries the marking of what it shows: set view.Marking, or view.Public where nothing has one. The zero Marking shows as
// "not marked".
//
// Forms: c.form("title", "due", …) refuses unknown fields; its methods Text, Required, Choice, Int, Float, Date and Flag
// read fields and note what is wrong; OK says whether anything was. The template shows it by {{template "error-summary"
// .Form}} and {{template "field-error" (field .Form "title")}}, and what was typed by {{.Form.Value "title"}}; the
// control has id="title" and aria-describedby="title-error".
//
// Text: none in Go or templates, only keys of locale/*.json. {{t "threat.title"}}, with values {{t "threat.found" "count"
// .Total}} (count, an int, chooses the plural form); keys that are put together {{tk "threat.kind" .Kind "name"}} (parts
// joined by dots); reasons {{reason "reason" .}}. In Go c.t("…", "name", value), and a key that Go picks stands there as
// one whole string, so that the tests find it. All six catalogues have all keys.
//
// Values: {{number .N}}, {{decimal .X 1}}, {{percent .P}}, {{percents .Low .High}}, {{money .X $.Group.Currency}},
// {{date .Day}}, {{moment .At}}, {{iso .At}} for <time datetime>. What people wrote stands in <bdi> or has dir="auto".
//
// Nothing inline: the Content-Security-Policy forbids style and script in the page. The classes are in static/comity.css,
// which starts with an index.
package web
