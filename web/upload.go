package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"comity"
)

// upload is a form with a file, read part by part: the file is never held in memory or on disk by this package, and
// fields after it are not read.
type upload struct {
	parts  *multipart.Reader
	fields map[string]string
	file   io.Reader // nil: none was chosen
	name   string    // of the file, as the browser says
}

// uploadedFile is the file, with the kind of error that a request over its bound or broken off has.
type uploadedFile struct{ part *multipart.Part }

func (f uploadedFile) Read(b []byte) (int, error) {
	n, err := f.part.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, uploadError(err)
	}
	return n, err
}

// upload reads the fields of a multipart form up to its file. max bounds the whole request, in bytes. Unknown fields are
// refused, as c.form does.
func (c *call) upload(max int64, file string, fields ...string) (*upload, error) {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, max)
	parts, err := c.r.MultipartReader()
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "want a form with a file: %v", err)
	}
	u := &upload{parts: parts, fields: map[string]string{}}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return nil, uploadError(err)
		}
		if part.FormName() == file && part.FileName() != "" {
			u.file, u.name = uploadedFile{part}, part.FileName()
			return u, nil
		}
		if part.FormName() == file {
			continue // a file field that was left empty
		}
		if err := u.read(part, fields); err != nil {
			return nil, err
		}
	}
}

func (u *upload) read(part *multipart.Part, known []string) error {
	name := part.FormName()
	for _, k := range known {
		if k != name {
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, importBytes+1))
		if err != nil {
			return uploadError(err)
		}
		if len(value) > importBytes {
			return comity.Errorf(comity.TooLarge, "a field over %d bytes", importBytes)
		}
		u.fields[name] = string(value)
		return nil
	}
	return comity.Errorf(comity.Invalid, "unknown field %q", name)
}

// uploadError tells a request over its bound from one that broke off.
func uploadError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return comity.Errorf(comity.TooLarge, "the file is larger than this form takes")
	}
	return comity.Errorf(comity.Invalid, "unreadable form: %v", err)
}
