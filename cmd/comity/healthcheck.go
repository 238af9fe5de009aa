package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"comity"
)

// healthcheckCmd asks a server's /readyz.
type healthcheckCmd struct {
	URL     string        `arg:"" optional:"" default:"http://127.0.0.1:8080" help:"Where the server is."`
	Timeout time.Duration `help:"How long to wait for the answer." default:"3s" env:"COMITY_HEALTHCHECK_TIMEOUT"`
}

// Run asks once. Its error says what the server answered.
func (c *healthcheckCmd) Run(a *app) error {
	ctx, cancel := context.WithTimeout(a.ctx, c.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/readyz", nil)
	if err != nil {
		return comity.Errorf(comity.Invalid, "address %q: %w", c.URL, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s: %s", response.Status, body)
	}
	return nil
}
