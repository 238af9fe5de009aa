package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"comity"
)

const stixColumns = `stix_objects.id, stix_objects.type, stix_objects.spec_version, stix_objects.name, stix_objects.modified,
	stix_objects.revoked, stix_objects.tlp, stix_objects.use, stix_objects.reason, stix_objects.threat_id, stix_objects.hash,
	stix_objects.taken_in_at, LENGTH(stix_objects.received)`

func scanSTIX(r interface{ Scan(...any) error }, more ...any) (o comity.STIXObject, err error) {
	var modified string
	var taken int64
	into := []any{
		&o.ID, &o.Type, &o.SpecVersion, &o.Name, &modified, &o.Revoked, &o.TLP, &o.Use, &o.Reason, &o.Threat, &o.Hash, &taken, &o.Size,
	}
	if err := r.Scan(append(into, more...)...); err != nil {
		return o, err
	}
	o.TakenIn = fromUnix(taken)
	if modified != "" {
		o.Modified, err = time.Parse(time.RFC3339Nano, modified)
	}
	return o, err
}

// STIXObjects returns one page of the newest versions of a source's objects that the viewer may see, by type and id. A
// source that the viewer may not know of is NotFound.
func (s *Store) STIXObjects(ctx context.Context, v comity.Viewer, q comity.STIXQuery) (comity.STIXPage, error) {
	s.note(ctx, v, "STIXObjects")
	if _, err := s.Source(ctx, v, q.Source); err != nil {
		return comity.STIXPage{}, err
	}
	const from = ` FROM stix_sources JOIN stix_objects ON stix_objects.id = stix_sources.id AND stix_objects.modified = stix_sources.modified`
	var w where
	w.and("stix_sources.source = ?", string(q.Source))
	w.and("stix_objects.newest = 1")
	marked(&w, v, "stix_objects.tlp", "''")
	p := comity.STIXPage{}
	var err error
	if p.Types, err = rows(ctx, s.engine.Read, scanText, `SELECT DISTINCT stix_objects.type`+from+w.String()+` ORDER BY 1`, w.args...); err != nil {
		return p, s.known(err)
	}
	if q.Type != "" {
		w.and("stix_objects.type = ?", q.Type)
	}
	if q.Use != "" {
		w.and("stix_objects.use = ?", string(q.Use))
	}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*)`+from+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT %s%s%s ORDER BY stix_objects.type, stix_objects.id LIMIT %d OFFSET %d`, stixColumns, from, w.String(), limit, offset)
	p.Objects, err = rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.STIXObject, error) { return scanSTIX(r) }, query, w.args...)
	return p, s.known(err)
}

// STIXObject returns the newest version of an object with its bytes, and the sources that carry it. Where the viewer may
// not see the newest version, the object is NotFound, whatever older ones say.
func (s *Store) STIXObject(ctx context.Context, v comity.Viewer, id string) (comity.STIXObject, error) {
	s.note(ctx, v, "STIXObject")
	var w where
	w.and("id = ?", id)
	w.and("newest = 1")
	marked(&w, v, "tlp", "''")
	var received []byte
	o, err := scanSTIX(s.engine.Read.QueryRowContext(ctx, `SELECT `+stixColumns+`, received FROM stix_objects`+w.String(), w.args...), &received)
	if err != nil {
		return comity.STIXObject{}, s.known(err)
	}
	o.Received = received
	var from where
	from.and("id = ?", id)
	visibleSource(&from, v, "stix_sources.source")
	o.Sources, err = rows(ctx, s.engine.Read, func(r *sql.Rows) (src comity.SourceID, err error) { return src, r.Scan(&src) },
		`SELECT DISTINCT source FROM stix_sources`+from.String()+` ORDER BY source`, from.args...)
	return o, s.known(err)
}

// STIXHidden counts the objects of a source that nobody may see, since they have no label or a narrower one than anybody's
// clearance. For those who take in; NotFound for others.
func (s *Store) STIXHidden(ctx context.Context, v comity.Viewer, source comity.SourceID) (n int, err error) {
	s.note(ctx, v, "STIXHidden")
	if !v.TakesIn() {
		return 0, errNotFound
	}
	const query = `
		SELECT COUNT(*)
		FROM stix_sources
		JOIN stix_objects ON stix_objects.id = stix_sources.id AND stix_objects.modified = stix_sources.modified
		WHERE stix_sources.source = $1
		  AND stix_objects.newest = 1
		  AND stix_objects.tlp NOT BETWEEN 1 AND $2`
	err = s.engine.Read.QueryRowContext(ctx, query, string(source), int64(comity.TLPAmberStrict)).Scan(&n)
	return n, s.known(err)
}

// STIXRefusals returns the newest objects of a source that could not be used, without their bytes, which nobody has looked
// at for a label. For those who take in; NotFound for others.
func (s *Store) STIXRefusals(ctx context.Context, v comity.Viewer, source comity.SourceID, limit int) ([]comity.STIXRefusal, error) {
	s.note(ctx, v, "STIXRefusals")
	if !v.TakesIn() {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 200)
	query := fmt.Sprintf(`
		SELECT place, type, object_id, reason
		FROM stix_refused
		WHERE source = $1
		ORDER BY taken_in_at DESC, place, hash
		LIMIT %d`, limit)
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (f comity.STIXRefusal, err error) {
		return f, r.Scan(&f.Place, &f.Type, &f.ID, &f.Reason)
	}, query, string(source))
	return list, s.known(err)
}

// maxRelated bounds how many objects an item of intelligence is shown with.
const maxRelated = 1000

// STIXRelated returns the objects that a STIX item of intelligence is tied to, by a relationship or as the item of a
// report, as far as the viewer may see the object and what ties the two; by kind, type, name and id, at most 1,000. An item
// that is not the viewer's to see is NotFound; one that is not of STIX is tied to nothing.
func (s *Store) STIXRelated(ctx context.Context, v comity.Viewer, id comity.ThreatID) ([]comity.STIXRelated, error) {
	if _, err := s.Threat(ctx, v, id); err != nil {
		return nil, err
	}
	var list []comity.STIXRelated
	for _, out := range []bool{true, false} {
		some, err := s.related(ctx, v, id.Key(), out)
		if err != nil {
			return nil, s.known(err)
		}
		list = append(list, some...)
	}
	if err := s.here(ctx, v, list); err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b comity.STIXRelated) int {
		return strings.Compare(a.Kind+"\n"+a.Type+"\n"+a.Name+"\n"+a.ID, b.Kind+"\n"+b.Type+"\n"+b.Name+"\n"+b.ID)
	})
	return list[:min(len(list), maxRelated)], nil
}

// related reads what an object says of others, or others of it.
func (s *Store) related(ctx context.Context, v comity.Viewer, object string, out bool) ([]comity.STIXRelated, error) {
	here, there := "to_id", "from_id"
	if out {
		here, there = there, here
	}
	var w where
	w.and("stix_refs."+here+" = ?", object)
	marked(&w, v, "stix_objects.tlp", "''")
	marked(&w, v, "carriers.tlp", "''")
	query := fmt.Sprintf(`
		SELECT stix_refs.kind, stix_objects.id, stix_objects.type, stix_objects.name, stix_objects.threat_id, stix_objects.tlp, carriers.tlp
		FROM stix_refs
		JOIN stix_objects ON stix_objects.id = stix_refs.%s AND stix_objects.newest = 1
		JOIN stix_objects AS carriers ON carriers.id = stix_refs.carrier AND carriers.newest = 1%s
		ORDER BY stix_refs.kind, stix_objects.type, stix_objects.name, stix_objects.id
		LIMIT %d`, there, w.String(), maxRelated)
	return rows(ctx, s.engine.Read, func(r *sql.Rows) (x comity.STIXRelated, err error) {
		var carrier comity.TLP
		err = r.Scan(&x.Kind, &x.ID, &x.Type, &x.Name, &x.Threat, &x.TLP, &carrier)
		x.Out, x.TLP = out, comity.Strictest(x.TLP, carrier)
		return x, err
	}, query, w.args...)
}

// here keeps of the items' identities those that are here and that the viewer may see.
func (s *Store) here(ctx context.Context, v comity.Viewer, list []comity.STIXRelated) error {
	var ids []comity.ThreatID
	for _, x := range list {
		if x.Threat != "" {
			ids = append(ids, x.Threat)
		}
	}
	found, err := s.ThreatsByID(ctx, v, ids)
	if err != nil {
		return err
	}
	for i := range list {
		t, ok := found[list[i].Threat]
		if !ok {
			list[i].Threat = ""
			continue
		}
		list[i].Detail = t.Kind
	}
	return nil
}
