package storagetest

import (
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// testProfileDraft keeps one draft a person, for an hour, for themselves alone.
func testProfileDraft(t *testing.T, s *stage) {
	v, colleague := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.a, comity.RoleAnalyst)
	_, err := s.ProfileDraft(s.ctx, v, now)
	wantKind(t, "no draft", err, comity.NotFound)
	must(t, s.PutProfileDraft(s.ctx, v, []byte("one"), now))
	must(t, s.PutProfileDraft(s.ctx, v, []byte("two"), now))
	must(t, s.PutProfileDraft(s.ctx, colleague, []byte("theirs"), now))
	got, err := s.ProfileDraft(s.ctx, v, now.Add(storage.DraftLife-time.Second))
	must(t, err)
	same(t, "draft", string(got), "two")
	_, err = s.ProfileDraft(s.ctx, v, now.Add(storage.DraftLife))
	wantKind(t, "an old draft", err, comity.NotFound)
	wantKind(t, "too large", s.PutProfileDraft(s.ctx, v, make([]byte, 9<<20), now), comity.TooLarge)
	for _, role := range []comity.Role{comity.RoleCoChair, comity.RoleSecretariat, comity.RoleObserver} {
		wantKind(t, "who does not edit the profile", s.PutProfileDraft(s.ctx, s.as(t, s.a, role), nil, now), comity.NotFound)
	}
	wantKind(t, "the system", s.PutProfileDraft(s.ctx, system, nil, now), comity.NotFound)
	must(t, s.DeleteProfileDraft(s.ctx, v))
	must(t, s.DeleteProfileDraft(s.ctx, v))
	_, err = s.ProfileDraft(s.ctx, v, now)
	wantKind(t, "deleted", err, comity.NotFound)
	_, err = s.ProfileDraft(s.ctx, colleague, now)
	must(t, err)
}
