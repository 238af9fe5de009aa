package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// file is a PDF being written: numbered objects, streams apart from the others, which are packed together at the end.
//
// Source: ISO 32000-2, https://pdfa.org/resource/iso-32000-2/.
type file struct {
	b       bytes.Buffer
	places  []place  // by number − 1
	waiting []object // not yet in an object stream
}

// place is where an object stands: at an offset, or as one of an object stream.
type place struct {
	offset int // from the start; 0 if it is in a stream
	stream int // number of the stream
	index  int // in the stream
}

type object struct {
	number int
	body   string
}

// packed is how many objects share a stream.
const packed = 250

func newFile() *file {
	f := &file{}
	f.b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n") // bytes beyond ASCII say that it is not text
	return f
}

// reserve returns the number of an object that comes later.
func (f *file) reserve() int {
	f.places = append(f.places, place{})
	return len(f.places)
}

// put writes an object under a reserved number.
func (f *file) put(number int, body string) {
	f.waiting = append(f.waiting, object{number, body})
	if len(f.waiting) == packed {
		f.pack()
	}
}

// add writes an object and returns its number.
func (f *file) add(body string) int {
	n := f.reserve()
	f.put(n, body)
	return n
}

// pack writes the waiting objects as one stream.
func (f *file) pack() {
	if len(f.waiting) == 0 {
		return
	}
	var index, bodies strings.Builder
	for _, o := range f.waiting {
		fmt.Fprintf(&index, "%d %d ", o.number, bodies.Len())
		bodies.WriteString(o.body + "\n")
	}
	n := f.stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d", len(f.waiting), index.Len()), []byte(index.String()+bodies.String()))
	for i, o := range f.waiting {
		f.places[o.number-1] = place{stream: n, index: i}
	}
	f.waiting = f.waiting[:0]
}

// stream writes a compressed stream with these entries of its dictionary and returns its number.
func (f *file) stream(entries string, data []byte) int {
	n := f.reserve()
	f.putStream(n, entries, data)
	return n
}

func (f *file) putStream(n int, entries string, data []byte) {
	small := deflate(data)
	f.places[n-1] = place{offset: f.b.Len()}
	fmt.Fprintf(&f.b, "%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>\nstream\n", n, entries, len(small))
	f.b.Write(small)
	f.b.WriteString("\nendstream\nendobj\n")
}

// plainStream writes a stream that programs find without unpacking, such as the description.
func (f *file) plainStream(entries, data string) int {
	n := f.reserve()
	f.places[n-1] = place{offset: f.b.Len()}
	fmt.Fprintf(&f.b, "%d 0 obj\n<<%s/Length %d>>\nstream\n%s\nendstream\nendobj\n", n, entries, len(data), data)
	return n
}

func deflate(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// finish writes what is waiting and the table of places. The file's identity is made from what it holds.
func (f *file) finish(w io.Writer, root, info int) error {
	f.pack()
	sum := sha256.Sum256(f.b.Bytes())
	n := f.reserve()
	start := f.b.Len()
	f.places[n-1] = place{offset: start}
	table := []byte{0, 0, 0, 0, 0, 0xFF, 0xFF}
	for _, p := range f.places {
		kind, a, b := byte(1), p.offset, 0
		if p.stream > 0 {
			kind, a, b = 2, p.stream, p.index
		}
		table = append(table, kind, byte(a>>24), byte(a>>16), byte(a>>8), byte(a), byte(b>>8), byte(b))
	}
	small := deflate(table)
	fmt.Fprintf(&f.b, "%d 0 obj\n<</Type/XRef/Size %d/W[1 4 2]/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]/Filter/FlateDecode/Length %d>>\nstream\n",
		n, len(f.places)+1, root, info, sum[:16], sum[:16], len(small))
	f.b.Write(small)
	fmt.Fprintf(&f.b, "\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", start)
	_, err := w.Write(f.b.Bytes())
	return err
}

// text returns a string of any characters.
func text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

// ref returns a reference to an object.
func ref(n int) string { return fmt.Sprintf("%d 0 R", n) }

// num writes a number with at most two digits after the point, without zeros that say nothing.
func num(x float64) string {
	s := fmt.Sprintf("%.2f", x)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}
