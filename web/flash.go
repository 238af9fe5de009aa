package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// flash is a message shown once, on the page after a POST: the key of a sentence and its values.
type flash struct {
	Key  string            `json:"k"`
	Args map[string]string `json:"a,omitempty"`
}

const flashCookie = "comity-flash"

// flash leaves a message for the next page. The args are names and values of placeholders.
func (c *call) flash(key string, args ...string) {
	f := flash{Key: key, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i]] = args[i+1]
	}
	data, err := json.Marshal(f)
	if err != nil {
		return // strings always marshal
	}
	c.setCookie(flashCookie, base64.RawURLEncoding.EncodeToString(data), 60)
}

// takeFlash reads the message and forgets it. What does not parse or names no known sentence is no message.
func (c *call) takeFlash() *flash {
	cookie, err := c.r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	c.setCookie(flashCookie, "", -1)
	data, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return nil
	}
	var f flash
	if json.Unmarshal(data, &f) != nil || !c.locale.has(f.Key) {
		return nil
	}
	return &f
}

// setCookie sets a cookie that carries no secret. A negative age deletes it.
func (c *call) setCookie(name, value string, seconds int) {
	http.SetCookie(c.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
