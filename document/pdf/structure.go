package pdf

import (
	"fmt"
	"strings"
)

// element is a node of the structure that readers aloud follow: a heading, a cell, a figure.
type element struct {
	kind   string // as PDF names it, such as "H1"
	parent *element
	kids   []kid
	alt    string // of a figure
	lang   string // where it is not the document's
	attrs  string // entries of its attributes, such as the scope of a header cell
	number int    // of its object
}

// kid is an element below, a piece of a page's content, or an annotation.
type kid struct {
	element    *element
	page       int // number of the page's object
	mark       int // of the content
	annotation int // number of the annotation's object; 0: content
}

// under adds an element below another.
func (e *element) under(kind string) *element {
	child := &element{kind: kind, parent: e}
	e.kids = append(e.kids, kid{element: child})
	return child
}

// structure is the tree of elements and, by page and annotation, which element each piece belongs to.
type structure struct {
	root   *element
	pages  [][]*element // by page, by mark
	single []*element   // by annotation
}

// write puts the tree into the file and returns the number of its root.
func (s *structure) write(f *file, rootNumber int) {
	s.reserve(f, s.root)
	s.put(f, s.root, rootNumber)
	var nums strings.Builder
	for i, marks := range s.pages {
		fmt.Fprintf(&nums, "%d[", i)
		for _, e := range marks {
			nums.WriteString(ref(e.number) + " ")
		}
		nums.WriteString("]")
	}
	for i, e := range s.single {
		fmt.Fprintf(&nums, "%d %s ", annotationKey+i, ref(e.number))
	}
	parents := f.add("<</Nums[" + nums.String() + "]>>")
	f.put(rootNumber, fmt.Sprintf("<</Type/StructTreeRoot/K %s/ParentTree %s/ParentTreeNextKey %d>>", ref(s.root.number), ref(parents), annotationKey+len(s.single)))
}

func (s *structure) reserve(f *file, e *element) {
	e.number = f.reserve()
	for _, k := range e.kids {
		if k.element != nil {
			s.reserve(f, k.element)
		}
	}
}

func (s *structure) put(f *file, e *element, parent int) {
	var b strings.Builder
	fmt.Fprintf(&b, "<</Type/StructElem/S/%s/P %s", e.kind, ref(parent))
	if e.alt != "" {
		b.WriteString("/Alt" + text(e.alt))
	}
	if e.lang != "" {
		b.WriteString("/Lang" + text(e.lang))
	}
	if e.attrs != "" {
		b.WriteString("/A<<" + e.attrs + ">>")
	}
	if e.kind == "Note" {
		fmt.Fprintf(&b, "/ID(note%d)", e.number)
	}
	b.WriteString("/K[")
	for _, k := range e.kids {
		switch {
		case k.element != nil:
			b.WriteString(ref(k.element.number) + " ")
		case k.annotation > 0:
			fmt.Fprintf(&b, "<</Type/OBJR/Obj %s/Pg %s>>", ref(k.annotation), ref(k.page))
		default:
			fmt.Fprintf(&b, "<</Type/MCR/Pg %s/MCID %d>>", ref(k.page), k.mark)
		}
	}
	b.WriteString("]>>")
	f.put(e.number, b.String())
	for _, k := range e.kids {
		if k.element != nil {
			s.put(f, k.element, e.number)
		}
	}
}
