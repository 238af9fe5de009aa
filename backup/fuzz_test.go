package backup

import (
	"bytes"
	"math"
	"testing"

	"comity/storage"
)

var fuzzed = storage.Table{Name: "t", Key: []string{"b"}, Columns: []storage.Column{
	{Name: "a", Type: storage.Blob}, {Name: "b", Type: storage.Integer}, {Name: "c", Type: storage.Real}, {Name: "d", Type: storage.Text},
}}

// FuzzRow reads lines: what is taken is written again as it was.
func FuzzRow(f *testing.F) {
	for _, line := range []string{
		"{\"a\":\"AP8=\",\"b\":-9223372036854775808,\"c\":1e+300,\"d\":\"\\\"\"}\n", "{\"a\":null,\"b\":null,\"c\":null,\"d\":null}\n",
		"{\"a\":\"\",\"b\":0,\"c\":\"NaN\",\"d\":{\"base64\":\"/w==\"}}\n", "{}\n", "", "{\"a\":\"A\",\"b\":1.0,\"c\":-0,\"d\":\"\\ud800\"}\n",
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, err := parseRow(line, fuzzed)
		if err != nil {
			return
		}
		again, err := appendRow(nil, fuzzed, row)
		if err != nil || !bytes.Equal(again, line) {
			t.Errorf("%q is written again as %q, %v", line, again, err)
		}
	})
}

// FuzzValues writes values: they come back as they were.
func FuzzValues(f *testing.F) {
	f.Add([]byte{0, 255}, int64(math.MinInt64), math.Inf(-1), "text")
	f.Add([]byte{}, int64(0), math.Copysign(0, -1), "\xff\u2028\x00")
	f.Fuzz(func(t *testing.T, a []byte, b int64, c float64, d string) {
		line, err := appendRow(nil, fuzzed, []any{a, b, c, d})
		if err != nil {
			t.Fatal(err)
		}
		row, err := parseRow(line, fuzzed)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		same := row[2] == c || math.IsNaN(c) && math.IsNaN(row[2].(float64))
		if !bytes.Equal(row[0].([]byte), a) || row[1] != b || !same || row[3] != d {
			t.Errorf("%q: got %v", line, row)
		}
	})
}

// FuzzVerify reads archives, plain ones and what age is handed.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("age-encryption.org/v1\n-> X25519 x\n"))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff})
	f.Add(sealOf(make([]byte, 32)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := Verify(t.Context(), bytes.NewReader(data), ReadOptions{Plain: true}); err == nil && m.check() != nil {
			t.Error("an archive was taken whose manifest is wrong")
		}
	})
}

// FuzzManifest reads manifests: what is taken is written again as it was.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1}`))
	m := Manifest{Format: Format, Schema: 1, Tables: []Table{{Name: "t", Columns: []Column{{"a", storage.Text}}, Key: []string{"a"}}}, LeftOut: []LeftOut{}}
	m.Content, m.Rows = content(m.Tables)
	data, err := m.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readManifest(bytes.NewReader(data))
		if err != nil {
			return
		}
		if again, err := m.encode(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%q is written again as %q, %v", data, again, err)
		}
	})
}
