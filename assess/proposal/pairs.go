package proposal

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
)

// parsePairs reads a control and its techniques from each line; lines that begin with # are for people.
func parsePairs(r io.Reader) (map[string][]string, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("embedded pairs: %w", err)
	}
	pairs := map[string][]string{}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] != "#" {
			pairs[fields[0]] = fields[1:]
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("embedded pairs: %w", err)
	}
	return pairs, nil
}
