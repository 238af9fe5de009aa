package pattern

import "strings"

// Pattern is a parsed pattern.
type Pattern struct{ Root Observation }

// Observation is an observation expression: a [Test] in brackets, or [Joined] ones, with qualifiers.
type Observation interface{ qualifiers() []Qualifier }

// Test is one comparison expression in brackets, which one observation must meet.
type Test struct {
	Comparison Comparison
	Qualifiers []Qualifier
}

// Joined are two or more observation expressions joined by the same word. Different observations must meet them.
type Joined struct {
	By         string // "AND", "OR" or "FOLLOWEDBY"
	Parts      []Observation
	Qualifiers []Qualifier // of an expression in parentheses
}

func (t *Test) qualifiers() []Qualifier   { return t.Qualifiers }
func (j *Joined) qualifiers() []Qualifier { return j.Qualifiers }

// Qualifier says when or how often an observation must have been made: "START", with Start and Stop; "WITHIN", with
// Number of seconds; "REPEATS", with Number of times.
type Qualifier struct {
	Kind        string
	Start, Stop string // timestamps as written
	Number      float64
}

// Comparison is a comparison expression: a [Compare] or a [Logic] of others.
type Comparison interface{ types() map[string]bool }

// Logic joins two or more comparison expressions by AND or OR.
type Logic struct {
	By    string
	Parts []Comparison

	of map[string]bool
}

// Compare tests one property.
type Compare struct {
	Path     Path
	Operator string // "=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET" or "EXISTS"
	Negated  bool
	Values   []Literal // one; of IN any number, of EXISTS none
}

func (l *Logic) types() map[string]bool   { return l.of }
func (c *Compare) types() map[string]bool { return map[string]bool{c.Path.Type: true} }

// Path is the way to a property of a cyber-observable object.
type Path struct {
	Type  string
	Steps []Step
}

// Step is one step of a path: a name, or a place in a list, which "*" makes any.
type Step struct {
	Name  string
	Index string // digits, perhaps negative, or "*"; empty for a name
}

// String returns the path without quotes, such as "file:hashes.SHA-256" or "network-traffic:protocols[*]".
func (p Path) String() string {
	var b strings.Builder
	b.WriteString(p.Type)
	for i, s := range p.Steps {
		switch {
		case s.Index != "":
			b.WriteString("[" + s.Index + "]")
			continue
		case i == 0:
			b.WriteByte(':')
		default:
			b.WriteByte('.')
		}
		b.WriteString(s.Name)
	}
	return b.String()
}

// Literal is a constant. Kind is "string", "integer", "float", "boolean", "timestamp", "hex" or "binary"; Text is its value,
// of a string without quotes and escapes, else as written between the quotes.
type Literal struct {
	Kind string
	Text string
}

// Equality is one value that a pattern compares a property with.
type Equality struct{ Path, Value string }

// Equalities returns the values that the pattern compares with "=" or IN, in its order, each once. Negated comparisons give
// none.
func (p *Pattern) Equalities() []Equality {
	var list []Equality
	seen := map[Equality]bool{}
	p.each(func(c *Compare) {
		if c.Negated || c.Operator != "=" && c.Operator != "IN" {
			return
		}
		for _, v := range c.Values {
			e := Equality{c.Path.String(), v.Text}
			if !seen[e] {
				seen[e] = true
				list = append(list, e)
			}
		}
	})
	return list
}

// Plain reports whether the pattern is one comparison of one property with one value, and nothing else.
func (p *Pattern) Plain() bool {
	t, ok := p.Root.(*Test)
	if !ok || len(t.Qualifiers) > 0 {
		return false
	}
	c, ok := t.Comparison.(*Compare)
	return ok && c.Operator == "=" && !c.Negated
}

// each hands over every comparison in the pattern's order.
func (p *Pattern) each(do func(*Compare)) {
	var comparison func(Comparison)
	comparison = func(c Comparison) {
		switch c := c.(type) {
		case *Compare:
			do(c)
		case *Logic:
			for _, part := range c.Parts {
				comparison(part)
			}
		}
	}
	var observation func(Observation)
	observation = func(o Observation) {
		switch o := o.(type) {
		case *Test:
			comparison(o.Comparison)
		case *Joined:
			for _, part := range o.Parts {
				observation(part)
			}
		}
	}
	observation(p.Root)
}
