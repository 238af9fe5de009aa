package version

import (
	"cmp"
	"strings"
	"testing"

	masterminds "github.com/Masterminds/semver/v3"
	debversion "github.com/knqyf263/go-deb-version"
	rpmversion "github.com/knqyf263/go-rpm-version"
	"pgregory.net/rapid"
)

func TestCompare(t *testing.T) {
	tests := []struct {
		by   Order
		a, b string
		want int
	}{
		{Generic, "1.0", "1.0", 0},
		{Generic, "1.9", "1.10", -1},
		{Generic, "1.0", "1.0.0", 0},
		{Generic, "1.0", "1.0.1", -1},
		{Generic, "v2.3", "2.3", 0},
		{Generic, " V2.3 ", "2.3", 0},
		{Generic, "1.1.1", "1.1.1w", -1},
		{Generic, "1.1.1w", "1.1.1a", 1},
		{Generic, "1.1.1w", "1.1.2", -1},
		{Generic, "1.0.1g", "1.0.1", 1},
		{Generic, "1.0-rc1", "1.0", -1},
		{Generic, "1.0rc1", "1.0-RC.1", 0},
		{Generic, "1.0-rc1", "1.0-rc2", -1},
		{Generic, "1.0-beta", "1.0-rc", -1},
		{Generic, "1.0-alpha", "1.0-beta", -1},
		{Generic, "10.0.0-M1", "10.0.0", -1},
		{Generic, "10.0.0-M2", "10.0.0-M10", -1},
		{Generic, "1.0.2m", "1.0.2", 1},
		{Generic, "1.0-preview3", "1.0-rc1", -1},
		{Generic, "1.0-SNAPSHOT", "1.0-alpha", -1},
		{Generic, "1.0.0-rc1", "1.0-rc1", 0},
		{Generic, "1:1.0", "2.0", 1},
		{Generic, "0:1.0", "1.0", 0},
		{Generic, "5.6.0.Final", "5.6", 0},
		{Generic, "7.2.4 build1396 (GA)", "7.2.4", 1},
		{Generic, "7.2.4 build1396 (GA)", "7.2.4 build 1396", 0},
		{Generic, "2023.0.1 build 5", "2023.0.1 Build 10", -1},
		{Generic, "2023.0.1 build 5", "2023.0.1a", -1},
		{Generic, "2023.0.1 build 5", "2023.0.1.1", -1},
		{Generic, "2023.0.1 build 5", "2023.0.2", -1},
		{Generic, "9.1R18.8", "9.1R9.1", 1},
		{Generic, "9.1R18.8", "9.1", 1},
		{Generic, "9.1R18.8", "9.2", -1},
		{Generic, "12.3(4)T", "12.3(4)", 1},
		{Generic, "12.3(4)T", "12.3(5)", -1},
		{Generic, "12.3(14)T", "12.3(4)T", 1},
		{Generic, "15.2(7)E3", "15.2(7)E10", -1},
		{Generic, "15.2(7)E3", "15.2(7)E3", 0},
		{Generic, "10.0.19045.2846", "10.0.19045.2965", -1},
		{Generic, "20.4R3-S1", "20.4R3", 1},
		{Generic, "22.3R1", "22.10R1", -1},
		{Generic, "1.8.0_91", "1.8.0_101", -1},
		{Generic, "13.1-48.47", "13.1-49.15", -1},
		{Generic, "1.9.5p2", "1.9.5", 1},
		{Generic, "12.0 SP1", "12.0", 1},
		{Generic, "10.2.9-h1", "10.2.9", 1},
		{Generic, "R80.40", "R81", -1},
		{Generic, "007", "7", 0},
		{Generic, "99999999999999999999999", "100000000000000000000000", -1},
		{Generic, "2019 CU12", "2019 CU13", -1},
		{SemVer, "1.0.0-beta.11", "1.0.0-beta.2", 1},
		{SemVer, "1.0.0-alpha", "1.0.0", -1},
		{SemVer, "1.0.0+build5", "1.0.0", 0},
		{SemVer, "v0.17.0-rc.1", "0.17.0", -1},
		{SemVer, "not.semver.1", "not.semver.2", -1},
		{Deb, "1.0~rc1-1", "1.0-1", -1},
		{Deb, "1.1.1n-0+deb11u4", "1.1.1n-0+deb11u5", -1},
		{Deb, "2:1.0-1", "1:9.0-1", 1},
		{PyPI, "1.0a1", "1.0", -1},
		{PyPI, "1.0.post1", "1.0", 1},
		{PyPI, "1.0.dev1", "1.0a1", -1},
		{SemVer, "1.0.0-alpha.1", "1.0.0-alpha.beta", -1},
		{SemVer, "1.0.0-alpha", "1.0.0-alpha.1", -1},
		{SemVer, "1.2", "1.2.0", 0},
		{SemVer, "1.0.0-rc.10", "1.0.0-rc.9", 1},
		{Go, "v0.0.0-20200423152442-f4b650b51dc4", "0", -1},
		{Go, "0.5.0-alpha.5.0.20200423152442-f4b650b51dc4", "v0.5.0-alpha.5", 1},
		{Go, "v1.0.4-0.20180125103619-43913f2f4fbd", "v1.0.3", 1},
		{Go, "v1.0.4-0.20180125103619-43913f2f4fbd", "v1.0.4", -1},
		{Go, "v2.0.0+incompatible", "2.0.0", 0},
		{Go, "go1.21.3", "1.21.4", -1},
		{Go, "go1.21rc2", "1.21.0-rc.2", 0},
		{Go, "go1.21rc2", "1.21.0", -1},
		{Go, "go1.9", "go1.10", -1},
		{NuGet, "1.0.0.1", "1.0.0", 1},
		{NuGet, "1.0.0-Beta", "1.0.0-beta", 0},
		{NuGet, "1.0.0.0", "1", 0},
		{PyPI, "1.0", "1.0.0", 0},
		{PyPI, "1!1.0", "2.0", 1},
		{PyPI, "1.0a1.dev1", "1.0a1", -1},
		{PyPI, "1.0.post1.dev1", "1.0.post1", -1},
		{PyPI, "1.0.post1.dev1", "1.0", 1},
		{PyPI, "1.0-1", "1.0.post1", 0},
		{PyPI, "1.0+local.1", "1.0", 1},
		{PyPI, "1.0+abc", "1.0+5", -1},
		{PyPI, "1.0-preview_2", "1.0rc2", 0},
		{PyPI, "2013.10", "2013.9", 1},
		{PyPI, "not a version", "neither 1", 1},
		{Maven, "1", "1.0.0", 0},
		{Maven, "1-ga", "1", 0},
		{Maven, "1.0-alpha-1", "1.0", -1},
		{Maven, "1-alpha", "1-beta", -1},
		{Maven, "1-m1", "1-milestone1", 0},
		{Maven, "1-snapshot", "1", -1},
		{Maven, "1-rc", "1-snapshot", -1},
		{Maven, "1-sp", "1", 1},
		{Maven, "1-sp.1", "1-ga.1", 1},
		{Maven, "1-sp-1", "1-ga-1", -1},
		{Maven, "1-foo2", "1-foo10", -1},
		{Maven, "1.foo", "1-foo", 0},
		{Maven, "1-foo", "1-1", -1},
		{Maven, "1-1", "1.1", -1},
		{Maven, "2.9.10.8", "2.9.10", 1},
		{Maven, "5.3.18.RELEASE", "5.3.18", 0},
		{Maven, "4.1.77.Final", "4.1.78.Final", -1},
		{Maven, "31.0.1-jre", "31.1-jre", -1},
		{Gem, "1.0.a", "1.0", -1},
		{Gem, "1.0.0.rc1", "1.0.0", -1},
		{Gem, "1.0.a.2", "1.0.b1", -1},
		{Gem, "1.8.2.b10", "1.8.2.b9", 1},
		{Gem, "5.2.0", "5.2", 0},
		{Gem, "5.2.4.3", "5.2.4.2", 1},
		{Gem, "1.0-1", "1.0", -1},
		{Composer, "1.0.0-RC1", "1.0.0", -1},
		{Composer, "1.0.0b2", "1.0.0-RC1", -1},
		{Composer, "1.0.0-p1", "1.0.0", 1},
		{Deb, "1.0+dfsg-1", "1.0-1", 1},
		{Deb, "1.0-1", "1.0-1ubuntu1", -1},
		{Deb, "1.0-1~bpo11+1", "1.0-1", -1},
		{Deb, "0:1.0-1", "1.0-1", 0},
		{RPM, "1:1.1.1k-7.el8_6", "1:1.1.1k-12.el8_9", -1},
		{RPM, "1.0~rc1-1", "1.0-1", -1},
		{RPM, "1.0^git1-1", "1.0-1", 1},
		{RPM, "1.0^git1-1", "1.0.1-1", -1},
		{RPM, "1.0a", "1.0.1", -1},
		{RPM, "2.4.37-43.module+el8.5.0", "2.4.37-47.module+el8.6.0", -1},
		{RPM, "0:1-1", "1-1", 0},
		{APK, "1.1.1k-r0", "1.1.1l-r0", -1},
		{APK, "1.2.3_rc1-r0", "1.2.3-r0", -1},
		{APK, "1.2.3_p1", "1.2.3", 1},
		{APK, "1.2.3-r9", "1.2.3-r10", -1},
		{APK, "1.2.3_git20230101-r0", "1.2.3-r5", 1},
		{APK, "1.10", "1.9", 1},
	}
	for _, tt := range tests {
		if got := tt.by.Compare(tt.a, tt.b); got != tt.want {
			t.Errorf("order %d: compare(%q, %q) = %d, want %d", tt.by, tt.a, tt.b, got, tt.want)
		}
		if got := tt.by.Compare(tt.b, tt.a); got != -tt.want {
			t.Errorf("order %d: compare(%q, %q) = %d, want %d", tt.by, tt.b, tt.a, got, -tt.want)
		}
	}
}

// anyVersion draws texts that look like versions, and some that do not.
func anyVersion() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"0", "1", "2", "10", "007", ".", "-", "_", " ", "~", "+", ":", "a", "m", "w", "p", "rc", "beta", "alpha", "dev",
		"preview", "final", "build", "v", "sp", "é", "Ω", "99999999999999999999",
	})
	return rapid.Custom(func(t *rapid.T) string {
		start := rapid.SampledFrom([]string{"", "", "1", "1.2", "1.2.3-"}).Draw(t, "start")
		return start + strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
	})
}

// TestCompareIsATotalOrder asks it of every order, among the versions that it can read and among those that it can't.
func TestCompareIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		by := Order(rapid.IntRange(int(Generic), int(APK)).Draw(t, "order"))
		readable := rapid.Bool().Draw(t, "readable")
		draw := func(name string) Version {
			return rapid.Map(anyVersion(), by.Parse).Filter(func(v Version) bool {
				return by.reader() == nil || (v.key != nil) == readable
			}).Draw(t, name)
		}
		a, b, c := draw("a"), draw("b"), draw("c")
		ab, ba, bc, ac := a.Compare(b), b.Compare(a), b.Compare(c), a.Compare(c)
		if a.Compare(a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if ab != -ba {
			t.Errorf("compare(%q, %q) = %d, the other way round %d", a, b, ab, ba)
		}
		if ab <= 0 && bc <= 0 && ac > 0 {
			t.Errorf("%q ≤ %q ≤ %q, but the first is after the last", a, b, c)
		}
		if ab == 0 && bc == 0 && ac != 0 {
			t.Errorf("%q = %q = %q, but the first differs from the last", a, b, c)
		}
	})
}

// TestOrdersAgreeWithTheirReferences holds three orders to libraries that were written apart from them.
func TestOrdersAgreeWithTheirReferences(t *testing.T) {
	references := map[Order]func(a, b string) (int, bool){
		SemVer: func(a, b string) (int, bool) {
			va, errA := masterminds.NewVersion(a)
			vb, errB := masterminds.NewVersion(b)
			if errA != nil || errB != nil {
				return 0, false
			}
			return va.Compare(vb), true
		},
		Deb: func(a, b string) (int, bool) {
			va, errA := debversion.NewVersion(a)
			vb, errB := debversion.NewVersion(b)
			if errA != nil || errB != nil {
				return 0, false
			}
			return cmp.Compare(va.Compare(vb), 0), true
		},
		RPM: func(a, b string) (int, bool) {
			va, vb := rpmversion.NewVersion(a), rpmversion.NewVersion(b)
			return va.Compare(vb), true
		},
	}
	for by, reference := range references {
		piece := rapid.SampledFrom([]string{
			"0", "1", "2", "10", "07", ".", ".", "-", "~", "+", "^", "a", "b", "rc", "el8", "deb11u4", "ubuntu", "git",
		})
		rapid.Check(t, func(t *rapid.T) {
			draw := func(name string) string {
				return rapid.SampledFrom([]string{"", "0:", "1:"}).Draw(t, name+" epoch") + rapid.SampledFrom([]string{"1", "2", "1.2", "1.2.3"}).Draw(t, name+" start") +
					strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, name), "")
			}
			a, b := by.Parse(draw("a")), by.Parse(draw("b"))
			want, ok := reference(a.text, b.text)
			if !ok || a.key == nil || b.key == nil {
				return
			}
			if got := a.Compare(b); got != want {
				t.Errorf("order %d: compare(%q, %q) = %d, the reference says %d", by, a, b, got, want)
			}
		})
	}
}

func TestUpstream(t *testing.T) {
	tests := []struct {
		by       Order
		in, want string
	}{
		{Deb, "1:1.1.1n-0+deb11u4", "1.1.1n"},
		{Deb, "2.4.0+dfsg1-3", "2.4.0"},
		{Deb, "3.0", "3.0"},
		{RPM, "1:1.1.1k-7.el8_6", "1.1.1k"},
		{APK, "1.1.1k-r0", "1.1.1k"},
		{APK, "1.1.1k-rc", "1.1.1k-rc"},
		{SemVer, "1.0.0-rc.1", "1.0.0-rc.1"},
	}
	for _, tt := range tests {
		if got := tt.by.Upstream(tt.in); got != tt.want {
			t.Errorf("order %d: upstream of %q = %q, want %q", tt.by, tt.in, got, tt.want)
		}
	}
}

func TestBuilds(t *testing.T) {
	v := Generic.Parse("7.2.4 build1396 (GA)")
	if !v.HasBuild() || v.WithoutBuild().Compare(Generic.Parse("7.2.4")) != 0 {
		t.Errorf("%s: build %v, without it %v", v, v.HasBuild(), v.WithoutBuild().tokens)
	}
	if w := Generic.Parse("7.2.4"); w.HasBuild() || w.WithoutBuild().Compare(w) != 0 {
		t.Errorf("%s tells a build", w)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(uint8(Maven), "1.0-alpha-1", "1.0")
	f.Add(uint8(PyPI), "1!1.0.post1.dev2+local", "1.0rc1")
	f.Add(uint8(APK), "1.2.3_rc1-r0", "1.2.3~abc")
	f.Add(uint8(Gem), "1.0.a.2", "1.0-1")
	f.Add(uint8(RPM), "1:1.0^git1-1", "1.0~rc1")
	f.Fuzz(func(t *testing.T, order uint8, a, b string) {
		by := Order(order % uint8(APK+1))
		va, vb := by.Parse(a), by.Parse(b)
		if va.Compare(vb) != -vb.Compare(va) || va.Compare(va) != 0 {
			t.Errorf("order %d: %q and %q are not ordered", by, a, b)
		}
	})
}
