package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"comity"
	"comity/pipeline"
	"comity/storage"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metricsFlags say where the figures for monitoring are read. They name routes and sources, never an organisation, a
// person or a figure of anybody's exposure.
type metricsFlags struct {
	MetricsAddr  string `help:"Address on which /metrics is answered, for Prometheus; empty: nowhere. Any but this machine's own needs a token." env:"COMITY_METRICS_ADDR" placeholder:"HOST:PORT"`
	MetricsToken string `help:"Bearer token that /metrics asks for." env:"COMITY_METRICS_TOKEN" placeholder:"TOKEN"`
}

// check reports whether the flags fit together.
func (f metricsFlags) check() error {
	if f.MetricsAddr == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(f.MetricsAddr)
	switch {
	case err != nil:
		return comity.Errorf(comity.Invalid, "metrics address %q: want HOST:PORT, such as 127.0.0.1:9090", f.MetricsAddr)
	case !isLoopback(host) && len(f.MetricsToken) < 16:
		return comity.Errorf(comity.Invalid, "metrics address %q is not on this machine: give --metrics-token with at least 16 characters, or listen on 127.0.0.1", f.MetricsAddr)
	}
	return nil
}

// metrics are a server's figures.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

func newMetrics(s *storage.Store) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "comity_http_request_seconds", Help: "How long requests took, by route and status.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "comity_http_requests_in_flight", Help: "Requests that are being answered."}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "comity_build_info", Help: "Always 1; the label is the program's version.", ConstLabels: prometheus.Labels{"version": buildInfo().Version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.inFlight, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &storeCollector{store: s})
	return m
}

// observe is called by the middleware for every request that was answered. route is a pattern, or empty where none fits,
// so that nobody can make labels by asking for pages that are not there.
func (m *metrics) observe(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// handler answers /metrics, to who has the token if there is one.
func (m *metrics) handler(token string) http.Handler {
	figures := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if token != "" && !sameSecret(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), token) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "wrong token", http.StatusUnauthorized)
			return
		}
		figures.ServeHTTP(w, r)
	})
	return mux
}

// sameSecret compares in a time that tells nothing.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// serve answers on a listener until ctx ends.
func (m *metrics) serve(ctx context.Context, listener net.Listener, token string, log *slog.Logger) {
	h := &http.Server{Handler: m.handler(token), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 15 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = h.Close() })
	defer stop()
	if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("metrics", "err", err)
	}
}

// storeCollector reads what the store knows when it is asked.
type storeCollector struct{ store *storage.Store }

var (
	upDesc      = prometheus.NewDesc("comity_store_up", "1 if the store takes reads and writes and has this program's schema.", nil, nil)
	backlogDesc = prometheus.NewDesc("comity_pipeline_backlog_changes", "Changes that were not matched and assessed yet; at most 5000.", nil, nil)
	takenDesc   = prometheus.NewDesc("comity_source_taken_in_timestamp_seconds", "When a document of the source was last taken in.", []string{"source"}, nil)
	backupDesc  = prometheus.NewDesc("comity_backup_timestamp_seconds", "When the last backup that ended well was begun.", nil, nil)
)

// mostBacklog bounds what is counted of the backlog.
const mostBacklog = 5000

// Describe implements prometheus.Collector.
func (c *storeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{upDesc, backlogDesc, takenDesc, backupDesc} {
		out <- d
	}
}

// Collect implements prometheus.Collector. What can't be read is left out; comity_store_up says so.
func (c *storeCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	v := comity.System("metrics: how far work and sources are")
	gauge := func(d *prometheus.Desc, x float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x, labels...)
	}
	up := 1.0
	if c.store.Ready(ctx) != nil {
		up = 0
	}
	gauge(upDesc, up)
	if n, err := pipeline.Backlog(ctx, c.store, mostBacklog); err == nil {
		gauge(backlogDesc, float64(n))
	}
	if sources, err := c.store.Sources(ctx, v); err == nil {
		for _, s := range sources {
			gauge(takenDesc, float64(s.TakenIn.Unix()), string(s.ID))
		}
	}
	if backups, err := c.store.Backups(ctx, v, 10); err == nil {
		for _, b := range backups {
			if b.OK {
				gauge(backupDesc, float64(b.At.Unix()))
				break
			}
		}
	}
}
