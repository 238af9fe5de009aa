package oscal

import (
	"strings"
)

// Resolver puts parameters into prose. It is made once for a catalogue.
type Resolver struct {
	params map[string]Param
}

// Resolver returns what puts the catalogue's parameters into prose. Of two parameters with the same identity the first
// counts.
func (c *Catalog) Resolver() *Resolver {
	r := &Resolver{params: map[string]Param{}}
	r.add(c.Params)
	r.addGroups(c.Groups)
	c.Each(func(control *Control) { r.add(control.Params) })
	return r
}

func (r *Resolver) add(params []Param) {
	for _, p := range params {
		if _, ok := r.params[p.ID]; !ok && p.ID != "" {
			r.params[p.ID] = p
		}
	}
}

func (r *Resolver) addGroups(groups []Group) {
	for _, g := range groups {
		r.add(g.Params)
		r.addGroups(g.Groups)
	}
}

// maxInserts bounds how deep parameters stand in the choices of others; as published they stand one deep.
const (
	maxInserts = 8
	maxInsert  = 8 << 10 // bytes that stand for one parameter
)

// Text returns the text of a control's parts with this name, with the labels of items, one item a line and two spaces
// before it for each level below the first, parameters put in, of at most MaxText bytes. Cut reports that it was longer.
func (r *Resolver) Text(parts []Part, name string) (text string, cut bool) {
	w := &bounded{}
	for _, p := range parts {
		if p.Name == name {
			r.part(w, p, 0)
		}
	}
	return strings.TrimSpace(w.String()), w.cut
}

func (r *Resolver) part(w *bounded, p Part, level int) {
	below := level
	label := Value(p.Props, "label", "")
	if prose := tidy(r.insert(p.Prose, maxInserts, w)); prose != "" || label != "" {
		if w.Len() > 0 {
			w.write("\n")
		}
		w.write(strings.Repeat("  ", max(0, level-1)))
		w.write(strings.TrimSpace(label + " " + prose))
		below = level + 1
	}
	for _, q := range p.Parts {
		r.part(w, q, max(1, below))
	}
}

// insert returns prose with its parameters put in: their values, the choices of a selection, or what is to be assigned.
func (r *Resolver) insert(prose string, depth int, w *bounded) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(prose, "{{")
		b.WriteString(before)
		if !found || b.Len() > MaxText {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "}}")
		if !closed {
			b.WriteString("{{" + rest)
			return b.String()
		}
		value := r.value(paramOf(inside), depth, w)
		if len(value) > maxInsert {
			value, w.cut = strings.ToValidUTF8(value[:maxInsert], "")+"…", true
		}
		b.WriteString(value)
		prose = after
	}
}

// paramOf returns the identity that "insert: param, ID" names, and the text itself where it has no such form.
func paramOf(inside string) string {
	_, id, ok := strings.Cut(inside, ",")
	if !ok {
		return strings.TrimSpace(inside)
	}
	return strings.TrimSpace(id)
}

// value says what a parameter stands for. w notes when choices within choices would never end.
func (r *Resolver) value(id string, depth int, w *bounded) string {
	p, ok := r.params[id]
	switch {
	case depth == 0 || w.spent():
		w.cut = true
		return "[…]"
	case !ok:
		return "[Assignment: " + id + "]"
	case len(p.Values) > 0:
		return strings.Join(p.Values, ", ")
	case p.Select != nil && len(p.Select.Choice) > 0:
		choices := make([]string, len(p.Select.Choice))
		for i, c := range p.Select.Choice {
			choices[i] = tidy(r.insert(c, depth-1, w))
		}
		how := "[Selection: "
		if p.Select.HowMany == "one-or-more" {
			how = "[Selection (one or more): "
		}
		return how + strings.Join(choices, "; ") + "]"
	case p.Label != "":
		return "[Assignment: " + p.Label + "]"
	default:
		return "[Assignment: " + id + "]"
	}
}

// before are marks that stand after a space only because a parameter was there.
var before = strings.NewReplacer("] ;", "];", "] ,", "],", "] .", "].", "] :", "]:")

// tidy squeezes white space, but keeps lines and how far those after the first are indented.
func tidy(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		indent := ""
		if i > 0 {
			indent = l[:len(l)-len(strings.TrimLeft(l, " "))]
		}
		lines[i] = strings.TrimRight(indent+before.Replace(squeezed(l)), " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// bounded holds at most MaxText bytes, and lets no more than a few thousand parameters be put in.
type bounded struct {
	strings.Builder
	inserts int
	cut     bool
}

func (b *bounded) write(s string) {
	if b.Len()+len(s) > MaxText {
		s, b.cut = strings.ToValidUTF8(s[:MaxText-b.Len()], ""), true
	}
	b.WriteString(s)
}

// spent counts a parameter, and reports whether there were too many.
func (b *bounded) spent() bool {
	b.inserts++
	return b.inserts > 2000
}
