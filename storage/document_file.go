package storage

import (
	"context"
	"database/sql"

	"comity"
)

// filePart is how much of a file is in one row, in bytes: a row of a backup stays small, and a reader gets the file
// piece by piece.
const filePart = 512 << 10

// PutDocumentFile puts a PDF into the draft of a document that was read at this version, in place of one that is there;
// no content takes it out. What is no PDF is Invalid, over comity.MaxDocumentFile TooLarge.
func (s *Store) PutDocumentFile(ctx context.Context, v comity.Viewer, id comity.DocumentID, version int, name string, content []byte) (comity.DocumentRevision, error) {
	var r comity.DocumentRevision
	if !v.KeepsRecords() {
		return r, errNotFound
	}
	if len(content) > 0 {
		if err := comity.CheckPDF(content); err != nil {
			return r, err
		}
	}
	err := s.write(ctx, v, "put document file", string(id), func(tx *sql.Tx) error {
		draft, number, err := draftOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if draft.Version != version || version == 0 {
			return comity.Errorf(comity.Conflict, "the draft was changed in between, or is no draft any more")
		}
		if r, err = visibleRevision(ctx, tx, v, id, number); err != nil {
			return err
		}
		r.File = nil
		if len(content) > 0 {
			r.File = &comity.DocumentFile{Name: comity.FileName(name, "document.pdf"), Size: int64(len(content)), SHA256: hash(content)}
		}
		r.Version++
		if err := storeRevision(ctx, tx, r, r.Text); err != nil {
			return err
		}
		return storeParts(ctx, tx, r, content)
	})
	return r, err
}

func storeParts(ctx context.Context, tx *sql.Tx, r comity.DocumentRevision, content []byte) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM document_files WHERE document_id = $1 AND number = $2`, string(r.Document), int64(r.Number)); err != nil {
		return err
	}
	for part := int64(0); len(content) > 0; part++ {
		n := min(len(content), filePart)
		const query = `
			INSERT INTO document_files (document_id, number, part, content)
			VALUES ($1, $2, $3, $4)`
		if _, err := tx.ExecContext(ctx, query, string(r.Document), int64(r.Number), part, content[:n]); err != nil {
			return err
		}
		content = content[n:]
	}
	return nil
}

// DocumentFile hands over the file of a revision that the viewer may see, piece by piece; each is good until the function
// returns. begin is called once before, with what the file is. NotFound if the revision has none.
func (s *Store) DocumentFile(ctx context.Context, v comity.Viewer, id comity.DocumentID, number int, begin func(comity.DocumentFile) error, piece func([]byte) error) error {
	r, err := s.DocumentRevision(ctx, v, id, number)
	if err != nil {
		return err
	}
	if r.File == nil {
		return errNotFound
	}
	if err := begin(*r.File); err != nil {
		return err
	}
	const query = `
		SELECT content
		FROM document_files
		WHERE document_id = $1 AND number = $2
		ORDER BY part`
	parts, err := s.engine.Read.QueryContext(ctx, query, string(id), int64(number))
	if err != nil {
		return s.known(err)
	}
	defer parts.Close()
	for parts.Next() {
		var content sql.RawBytes
		if err := parts.Scan(&content); err != nil {
			return s.known(err)
		}
		if err := piece(content); err != nil {
			return err
		}
	}
	return s.known(parts.Err())
}
