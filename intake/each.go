package intake

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// ReadEach reads documents of sources that write their items in several forms: any number of JSON values one after the
// other, such as the lines of JSON Lines, each of them an item (an object), an array of items, or an object with the list
// among its members. The object's other members come as one value to do.Page, after its items. What [List.Read] refuses
// is refused here too, but for a missing list; places also tell the line. MaxItems counts the items of all values.
func (l List) ReadEach(r io.Reader, do Reader) error {
	w := &window{r: r}
	s := &listReader{List: l, do: do, window: w, decoder: jsontext.NewDecoder(w), onLines: true}
	if err := s.values(); err != nil {
		return s.told(err)
	}
	return nil
}

func (s *listReader) values() error {
	for {
		s.widen()
		switch s.decoder.PeekKind() {
		case '{':
			if err := s.object(); err != nil {
				return err
			}
		case '[':
			if err := s.list(); err != nil {
				return err
			}
		default:
			return s.end()
		}
	}
}

// end is reached where no object and no array begins.
func (s *listReader) end() error {
	empty := s.decoder.InputOffset() == 0
	token, err := s.decoder.ReadToken()
	switch {
	case errors.Is(err, io.EOF) && empty:
		return s.Errorf("it is empty")
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return s.wrong("want an object or an array, not %.40q", token.String())
}

// object reads an object: an item, or one with the list among its members.
func (s *listReader) object() error {
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	listed := false
	s.item = append(s.item[:0], '{')
	for s.decoder.PeekKind() != '}' {
		isList, err := s.memberOrList()
		if err != nil {
			return err
		}
		if isList {
			listed = true
			s.widen()
		}
		if int64(len(s.item)) > s.MaxItem {
			return errWindow
		}
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	s.item = append(s.item, '}')
	if listed {
		return s.at(s.do.Page(s.item))
	}
	if err := s.counted(); err != nil {
		return err
	}
	return s.at(s.do.Item(s.item))
}

func (s *listReader) memberOrList() (isList bool, err error) {
	token, err := s.decoder.ReadToken()
	if err != nil {
		return false, err
	}
	name := token.String()
	if name == s.Name && s.decoder.PeekKind() == '[' {
		return true, s.list()
	}
	return false, s.keep(name)
}
