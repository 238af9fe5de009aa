package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"comity"
)

// maxAnswer bounds what is read of the answer to a post, in bytes: nothing of it is used.
const maxAnswer = 16 << 10

// Post sends a JSON document to an address under the rules of Get, but follows no redirect: what is signed for one place is
// told to no other. It returns the status of the answer. Its error is Invalid where the address is not allowed or wrong, and
// Unavailable where it can't be reached.
func (c *Client) Post(ctx context.Context, address string, headers map[string]string, body []byte) (status int, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, &comity.Error{Kind: comity.Invalid, Msg: fmt.Sprintf("address %.200q is not a URL", address), Err: err}
	}
	if err := c.allowed(u); err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, &comity.Error{Kind: comity.Invalid, Msg: fmt.Sprintf("address %.200q is not a URL", address), Err: err}
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "comity")
	response, err := c.post.Do(request)
	if err != nil {
		return 0, told("send to "+u.Redacted(), err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer)) // the status says all
	return response.StatusCode, nil
}
