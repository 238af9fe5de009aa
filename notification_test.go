package comity

import (
	"slices"
	"testing"
	"time"
)

func TestFrequencyDue(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	for _, test := range []struct {
		name string
		f    Frequency
		told time.Time
		now  time.Time
		want bool
	}{
		{"daily, before the hour", FrequencyDaily, at(24, 7, 0), at(25, 5, 59), false},
		{"daily, at the hour", FrequencyDaily, at(24, 7, 0), at(25, 6, 0), true},
		{"daily, told at the hour", FrequencyDaily, at(25, 6, 0), at(25, 23, 0), false},
		{"daily, after days without the program", FrequencyDaily, at(20, 6, 0), at(25, 3, 0), true},
		{"weekly, on a Sunday", FrequencyWeekly, at(23, 6, 0), at(29, 23, 0), false},
		{"weekly, on Monday before the hour", FrequencyWeekly, at(23, 6, 0), at(30, 5, 59), false},
		{"weekly, on Monday", FrequencyWeekly, at(23, 6, 0), at(30, 6, 0), true},
		{"weekly, told on Tuesday", FrequencyWeekly, at(24, 9, 0), at(30, 6, 0), true},
		{"at once, too soon", FrequencyAtOnce, at(24, 9, 0), at(24, 9, 9), false},
		{"at once", FrequencyAtOnce, at(24, 9, 0), at(24, 9, 10), true},
		{"off", FrequencyOff, time.Time{}, at(30, 6, 0), false},
		{"none", "", time.Time{}, at(30, 6, 0), false},
	} {
		if got := test.f.Due(Place{At: test.told}, test.now); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestNoticePauses(t *testing.T) {
	var total time.Duration
	for n := (Notice{Attempts: 1}); ; n.Attempts++ {
		pause, again := n.Pause()
		if !again {
			break
		}
		if total += pause; n.Attempts > 20 {
			t.Fatal("it is tried for ever")
		}
	}
	if total < 12*time.Hour || total > 48*time.Hour {
		t.Errorf("it is tried for %s, want about a day", total)
	}
}

func TestSeesTopic(t *testing.T) {
	for role, want := range map[Role][]Topic{
		RoleFocalPoint:   {TopicExposure, TopicMatches, TopicActions, TopicOverdue, TopicSessions, TopicReleases},
		RoleSecretariat:  {TopicActions, TopicOverdue, TopicSessions, TopicReleases, TopicIntake},
		RoleObserver:     {TopicActions, TopicOverdue, TopicSessions, TopicReleases},
		RoleParentReader: {TopicActions, TopicOverdue, TopicSessions, TopicReleases},
		0:                {},
	} {
		v := ViewerOf(Person{ID: "per_x", Org: "org_x", Roles: RolesOf(role)})
		for _, topic := range append([]Topic{"gossip"}, Topics...) {
			if got := v.SeesTopic(topic); got != slices.Contains(want, topic) {
				t.Errorf("%s of %s: got %v", topic, role, got)
			}
		}
	}
}
