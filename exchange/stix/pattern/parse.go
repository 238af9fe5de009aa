package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a pattern.
const (
	MaxLength      = 256 << 10 // bytes
	maxDepth       = 64        // parentheses within each other
	maxComparisons = 10_000
)

// Error says what is wrong with a pattern, and at which byte.
type Error struct {
	At     int
	Reason string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("pattern, byte %d: %s", e.At, e.Reason) }

func wrong(at int, format string, args ...any) error {
	return &Error{At: at, Reason: fmt.Sprintf(format, args...)}
}

// Parse parses a pattern. Its error is an *[Error] with the place. It refuses what the grammar does not allow; one kind of
// qualifier twice on one expression; a list of values of different kinds; comparisons of different types of objects that
// are joined by AND; and what passes a bound.
func Parse(source string) (*Pattern, error) {
	if len(source) > MaxLength {
		return nil, wrong(0, "longer than %d bytes", MaxLength)
	}
	if !utf8.ValidString(source) {
		return nil, wrong(0, "it is not UTF-8")
	}
	p := &parser{lexer: lexer{source: source}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	root, err := p.observations(0)
	if err != nil {
		return nil, err
	}
	if p.token.kind != end {
		return nil, p.unexpected("the end")
	}
	return &Pattern{Root: root}, nil
}

type parser struct {
	lexer       lexer
	token       token
	depth       int
	comparisons int
}

func (p *parser) advance() (err error) {
	p.token, err = p.lexer.next()
	return err
}

func (p *parser) unexpected(want string) error {
	if p.token.kind == end {
		return wrong(p.token.at, "it ends where %s should stand", want)
	}
	return wrong(p.token.at, "%.40q stands where %s should", p.token.text, want)
}

func (p *parser) is(k kind, text string) bool { return p.token.kind == k && p.token.text == text }

// take passes over a token if it is the next.
func (p *parser) take(k kind, text string) (bool, error) {
	if !p.is(k, text) {
		return false, nil
	}
	return true, p.advance()
}

// need passes over a token that must be the next.
func (p *parser) need(k kind, text string) error {
	if ok, err := p.take(k, text); ok || err != nil {
		return err
	}
	return p.unexpected(strconv.Quote(text))
}

// enter counts a level of parentheses.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return wrong(p.token.at, "more than %d levels of parentheses", maxDepth)
	}
	return nil
}

// joints are the words between observation expressions, those that bind least first.
var joints = []string{"FOLLOWEDBY", "OR", "AND"}

// observations reads expressions joined by the joints from a level on.
func (p *parser) observations(level int) (Observation, error) {
	if level == len(joints) {
		return p.observation()
	}
	first, err := p.observations(level + 1)
	if err != nil {
		return nil, err
	}
	parts := []Observation{first}
	for {
		ok, err := p.take(word, joints[level])
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		part, err := p.observations(level + 1)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return first, nil
	}
	return &Joined{By: joints[level], Parts: parts}, nil
}

// observation reads a test in brackets or an expression in parentheses, with its qualifiers.
func (p *parser) observation() (Observation, error) {
	if p.is(sign, "[") {
		return p.test()
	}
	if err := p.need(sign, "("); err != nil {
		return nil, p.unexpected(`"[" or "("`)
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	inner, err := p.observations(0)
	if err != nil {
		return nil, err
	}
	if err := p.need(sign, ")"); err != nil {
		return nil, err
	}
	p.depth--
	qualifiers, err := p.readQualifiers()
	if err != nil || len(qualifiers) == 0 {
		return inner, err
	}
	return &Joined{By: "AND", Parts: []Observation{inner}, Qualifiers: qualifiers}, nil
}

func (p *parser) test() (Observation, error) {
	if err := p.need(sign, "["); err != nil {
		return nil, err
	}
	c, err := p.logic("OR")
	if err != nil {
		return nil, err
	}
	if err := p.need(sign, "]"); err != nil {
		return nil, err
	}
	qualifiers, err := p.readQualifiers()
	return &Test{Comparison: c, Qualifiers: qualifiers}, err
}

func (p *parser) readQualifiers() ([]Qualifier, error) {
	var list []Qualifier
	for p.token.kind == word && slices.Contains([]string{"START", "WITHIN", "REPEATS"}, p.token.text) {
		q, at := Qualifier{Kind: p.token.text}, p.token.at
		if slices.ContainsFunc(list, func(other Qualifier) bool { return other.Kind == q.Kind }) {
			return nil, wrong(at, "%s stands here twice", q.Kind)
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if err := p.qualifier(&q); err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	return list, nil
}

func (p *parser) qualifier(q *Qualifier) error {
	var err error
	switch q.Kind {
	case "START":
		at := p.token.at
		if q.Start, err = p.timestamp(); err != nil {
			return err
		}
		if err := p.need(word, "STOP"); err != nil {
			return err
		}
		if q.Stop, err = p.timestamp(); err != nil {
			return err
		}
		start, _ := time.Parse(time.RFC3339Nano, q.Start)
		stop, _ := time.Parse(time.RFC3339Nano, q.Stop)
		if !start.Before(stop) {
			return wrong(at, "it stops before it starts")
		}
		return nil
	case "WITHIN":
		if q.Number, err = p.positive(integer, float); err != nil {
			return err
		}
		return p.need(word, "SECONDS")
	default:
		if q.Number, err = p.positive(integer); err != nil {
			return err
		}
		return p.need(word, "TIMES")
	}
}

func (p *parser) timestamp() (string, error) {
	if p.token.kind != timestamp {
		return "", p.unexpected("a timestamp")
	}
	l, err := p.literal()
	return l.Text, err
}

// positive reads a number above 0.
func (p *parser) positive(kinds ...kind) (float64, error) {
	if !slices.Contains(kinds, p.token.kind) {
		return 0, p.unexpected("a number")
	}
	n, err := strconv.ParseFloat(p.token.text, 64)
	if err != nil || n <= 0 || n > 1e12 {
		return 0, wrong(p.token.at, "the number %.40s is out of range", p.token.text)
	}
	return n, p.advance()
}

// logic reads comparisons joined by OR, whose parts are joined by AND.
func (p *parser) logic(by string) (Comparison, error) {
	part := func() (Comparison, error) {
		if by == "OR" {
			return p.logic("AND")
		}
		return p.comparison()
	}
	at := p.token.at
	first, err := part()
	if err != nil {
		return nil, err
	}
	l := &Logic{By: by, Parts: []Comparison{first}, of: first.types()}
	for {
		ok, err := p.take(word, by)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		next, err := part()
		if err != nil {
			return nil, err
		}
		l.Parts = append(l.Parts, next)
		if l.of = joinTypes(by, l.of, next.types()); len(l.of) == 0 {
			return nil, wrong(at, "AND joins comparisons of different types of objects")
		}
	}
	if len(l.Parts) == 1 {
		return first, nil
	}
	return l, nil
}

// joinTypes returns the types of objects that can meet both: with AND those of both, with OR those of either.
func joinTypes(by string, a, b map[string]bool) map[string]bool {
	joined := map[string]bool{}
	for t := range a {
		if by == "OR" || b[t] {
			joined[t] = true
		}
	}
	for t := range b {
		if by == "OR" {
			joined[t] = true
		}
	}
	return joined
}

func (p *parser) comparison() (Comparison, error) {
	if ok, err := p.take(sign, "("); err != nil {
		return nil, err
	} else if ok {
		if err := p.enter(); err != nil {
			return nil, err
		}
		inner, err := p.logic("OR")
		if err != nil {
			return nil, err
		}
		p.depth--
		return inner, p.need(sign, ")")
	}
	if p.comparisons++; p.comparisons > maxComparisons {
		return nil, wrong(p.token.at, "more than %d comparisons", maxComparisons)
	}
	return p.compare()
}

func (p *parser) compare() (Comparison, error) {
	c := &Compare{}
	var err error
	if c.Negated, err = p.take(word, "NOT"); err != nil {
		return nil, err
	}
	if exists, err := p.take(word, "EXISTS"); err != nil {
		return nil, err
	} else if exists {
		c.Operator = "EXISTS"
		c.Path, err = p.path()
		return c, err
	}
	if c.Negated {
		return nil, p.unexpected("EXISTS")
	}
	if c.Path, err = p.path(); err != nil {
		return nil, err
	}
	if c.Negated, err = p.take(word, "NOT"); err != nil {
		return nil, err
	}
	return c, p.operation(c)
}

var operators = map[string]string{"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

// operation reads the operator of a comparison and what stands behind it.
func (p *parser) operation(c *Compare) error {
	at, operator := p.token.at, p.token.text
	switch {
	case p.token.kind == sign && operators[operator] != "":
		c.Operator = operators[operator]
	case p.token.kind == word && slices.Contains([]string{"IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"}, operator):
		c.Operator = operator
	default:
		return p.unexpected("an operator")
	}
	if err := p.advance(); err != nil {
		return err
	}
	if c.Operator == "IN" {
		return p.set(c)
	}
	l, err := p.literal()
	c.Values = []Literal{l}
	switch {
	case err != nil:
		return err
	case c.Operator[0] >= 'A' && l.Kind != "string":
		return wrong(at, "%s needs a string", c.Operator)
	case strings.ContainsAny(c.Operator, "<>") && l.Kind == "boolean":
		return wrong(at, "true and false have no order")
	}
	return nil
}

// set reads the values of IN.
func (p *parser) set(c *Compare) error {
	if err := p.need(sign, "("); err != nil {
		return err
	}
	if ok, err := p.take(sign, ")"); ok || err != nil {
		return err
	}
	for {
		at := p.token.at
		l, err := p.literal()
		if err != nil {
			return err
		}
		if len(c.Values) > 0 && c.Values[0].Kind != l.Kind {
			return wrong(at, "a list has values of one kind")
		}
		if c.Values = append(c.Values, l); len(c.Values) > maxComparisons {
			return wrong(at, "more than %d values", maxComparisons)
		}
		if ok, err := p.take(sign, ","); err != nil {
			return err
		} else if !ok {
			return p.need(sign, ")")
		}
	}
}

func (p *parser) path() (Path, error) {
	path := Path{Type: p.token.text}
	if p.token.kind != word {
		return path, p.unexpected("a type of objects")
	}
	if err := p.advance(); err != nil {
		return path, err
	}
	if err := p.need(sign, ":"); err != nil {
		return path, err
	}
	for {
		name, err := p.name()
		if err != nil {
			return path, err
		}
		path.Steps = append(path.Steps, Step{Name: name})
		if err := p.indexes(&path); err != nil {
			return path, err
		}
		if len(path.Steps) > maxDepth {
			return path, wrong(p.token.at, "more than %d steps", maxDepth)
		}
		if ok, err := p.take(sign, "."); err != nil || !ok {
			return path, err
		}
	}
}

// name reads a step by name: a word without hyphens, or one in quotes.
func (p *parser) name() (string, error) {
	t := p.token
	if t.kind != text && (t.kind != word || strings.Contains(t.text, "-")) {
		return "", p.unexpected("the name of a property")
	}
	return t.text, p.advance()
}

// indexes reads the places in lists that follow a name.
func (p *parser) indexes(path *Path) error {
	for p.is(sign, "[") {
		if err := p.advance(); err != nil {
			return err
		}
		t := p.token
		if t.kind != integer && !p.is(sign, "*") {
			return p.unexpected("a number or *")
		}
		if path.Steps = append(path.Steps, Step{Index: t.text}); len(path.Steps) > maxDepth {
			return wrong(t.at, "more than %d steps", maxDepth)
		}
		if err := p.advance(); err != nil {
			return err
		}
		if err := p.need(sign, "]"); err != nil {
			return err
		}
	}
	return nil
}

var moment = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$`)

// literal reads a constant.
func (p *parser) literal() (Literal, error) {
	t := p.token
	l := Literal{Text: t.text}
	var err error
	switch t.kind {
	case text:
		l.Kind = "string"
	case integer:
		l.Kind = "integer"
		_, err = strconv.ParseInt(t.text, 10, 64)
	case float:
		l.Kind = "float"
		_, err = strconv.ParseFloat(t.text, 64)
	case timestamp:
		l.Kind = "timestamp"
		if _, err = time.Parse(time.RFC3339Nano, t.text); err == nil && !moment.MatchString(t.text) {
			err = strconv.ErrSyntax
		}
	case hexadecimal:
		l.Kind = "hex"
		_, err = hex.DecodeString(t.text)
	case binary:
		l.Kind = "binary"
		_, err = base64.StdEncoding.DecodeString(t.text)
	default:
		if t.kind != word || t.text != "true" && t.text != "false" {
			return l, p.unexpected("a constant")
		}
		l.Kind = "boolean"
	}
	if err != nil {
		return l, wrong(t.at, "%.40q is no %s", t.text, l.Kind)
	}
	return l, p.advance()
}
