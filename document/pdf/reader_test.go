package pdf_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// reader reads back what the package writes: no more of the format than that.
type reader struct {
	objects map[int]string // by number; of streams the dictionary
	streams map[int]string // unpacked, by number
}

var (
	streamAt  = regexp.MustCompile(`(?s)(\d+) 0 obj\n(<<.*?>>)\nstream\n`)
	lengthOf  = regexp.MustCompile(`/Length (\d+)>>$`)
	contents  = regexp.MustCompile(`/Type/Page/.*?/Resources (\d+) 0 R/Contents\[(\d+) 0 R (\d+) 0 R\]`)
	fontRefs  = regexp.MustCompile(`/(F\d+) (\d+) 0 R`)
	unicodeAt = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	mapping   = regexp.MustCompile(`<([0-9A-F]{4})> <([0-9A-F]*)>`)
	shown     = regexp.MustCompile(`/(F\d+) [\d.]+ Tf|<([0-9A-F]{4})>|ET`)
	kidsOf    = regexp.MustCompile(`/Type/Pages/Count \d+/Kids\[([^\]]*)\]`)
)

func read(t testing.TB, data []byte) reader {
	t.Helper()
	r := reader{map[int]string{}, map[int]string{}}
	for _, at := range streamAt.FindAllSubmatchIndex(data, -1) {
		number, _ := strconv.Atoi(string(data[at[2]:at[3]]))
		dictionary := string(data[at[4]:at[5]])
		m := lengthOf.FindStringSubmatch(dictionary)
		if m == nil {
			t.Fatalf("object %d: no length in %q", number, dictionary)
		}
		length, _ := strconv.Atoi(m[1])
		body := data[at[1] : at[1]+length]
		if strings.Contains(dictionary, "/FlateDecode") {
			body = inflate(t, body)
		}
		r.objects[number], r.streams[number] = dictionary, string(body)
		if strings.Contains(dictionary, "/ObjStm") {
			r.unpack(dictionary, string(body))
		}
	}
	return r
}

func inflate(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (r reader) unpack(dictionary, body string) {
	first, _ := strconv.Atoi(regexp.MustCompile(`/First (\d+)`).FindStringSubmatch(dictionary)[1])
	fields := strings.Fields(body[:first])
	for i := 0; i+1 < len(fields); i += 2 {
		number, _ := strconv.Atoi(fields[i])
		from, _ := strconv.Atoi(fields[i+1])
		to := len(body) - first
		if i+3 < len(fields) {
			to, _ = strconv.Atoi(fields[i+3])
		}
		r.objects[number] = strings.TrimSpace(body[first+from : first+to])
	}
}

// pages returns the text of each page in the order in which it is written, a blank between the parts of a line.
func (r reader) pages(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, object := range r.objects {
		kids := kidsOf.FindStringSubmatch(object)
		if kids == nil {
			continue
		}
		for _, number := range regexp.MustCompile(`(\d+) 0 R`).FindAllStringSubmatch(kids[1], -1) {
			n, _ := strconv.Atoi(number[1])
			m := contents.FindStringSubmatch(r.objects[n])
			if m == nil {
				t.Fatalf("page %d: %q", n, r.objects[n])
			}
			list = append(list, r.text(m[1], m[2])+r.text(m[1], m[3]))
		}
	}
	return list
}

func (r reader) text(resources, content string) string {
	fonts := map[string]map[string]string{}
	for _, f := range fontRefs.FindAllStringSubmatch(r.objects[atoi(resources)], -1) {
		fonts[f[1]] = map[string]string{}
		unicode := unicodeAt.FindStringSubmatch(r.objects[atoi(f[2])])
		for _, m := range mapping.FindAllStringSubmatch(r.streams[atoi(unicode[1])], -1) {
			fonts[f[1]][m[1]] = fromUTF16(m[2])
		}
	}
	var b strings.Builder
	font := ""
	for _, m := range shown.FindAllStringSubmatch(r.streams[atoi(content)], -1) {
		switch {
		case m[1] != "":
			font = m[1]
		case m[2] != "":
			b.WriteString(fonts[font][m[2]])
		default:
			b.WriteString(" ")
		}
	}
	return strings.ReplaceAll(b.String(), "\u200B", "")
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func fromUTF16(hex string) string {
	var units []uint16
	for ; len(hex) >= 4; hex = hex[4:] {
		n, _ := strconv.ParseUint(hex[:4], 16, 16)
		units = append(units, uint16(n))
	}
	return string(utf16.Decode(units))
}
