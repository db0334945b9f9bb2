package service

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

const maxTokenLength = 4096

// The one header that is ever signed or accepted. Compared before anything is decoded, it leaves
// no room for `alg: none` or for a public key that is taken for a secret.
var tokenHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))

// Why a token proves nothing. The text is for the log, never for the caller.
var (
	ErrNotAToken     = errors.New("not a token of ours")
	ErrSignature     = errors.New("signature does not match")
	ErrClaims        = errors.New("claims are incomplete")
	ErrExpired       = errors.New("expired")
	ErrOtherAudience = errors.New("made for another service")
)

// Claims is what a valid token says.
type Claims struct {
	Subject string
	Scopes  []string
}

// Allows says whether the token covers scope.
func (c Claims) Allows(scope string) bool {
	for _, have := range c.Scopes {
		if have == scope {
			return true
		}
	}
	return false
}

// Signer signs JSON Web Tokens (RFC 7519, HMAC-SHA256 and nothing else) with the first of its
// keys and verifies them with any, so that a key can be replaced without an outage.
type Signer struct {
	keys     []Secret
	audience string
	now      func() time.Time
}

// NewSigner needs at least one key.
func NewSigner(keys []Secret, audience string, now func() time.Time) *Signer {
	return &Signer{keys, audience, now}
}

type wireClaims struct {
	Subject  *string  `json:"sub"`
	Audience *string  `json:"aud"`
	Scope    *string  `json:"scope"`
	Expires  *float64 `json:"exp"`
}

// Sign makes a token for subject that holds for the time given.
func (s *Signer) Sign(subject string, scopes []string, valid time.Duration) (string, error) {
	scope := strings.Join(scopes, " ")
	expires := float64(s.now().Add(valid).Unix())
	payload, err := json.Marshal(wireClaims{&subject, &s.audience, &scope, &expires})
	if err != nil {
		return "", err
	}
	signed := tokenHeader + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac(s.keys[0], signed)), nil
}

// Verify returns the claims of token, or an error unless every one of them holds.
func (s *Signer) Verify(token string) (Claims, error) {
	parts := strings.Split(token, ".")
	if len(token) > maxTokenLength || len(parts) != 3 || parts[0] != tokenHeader {
		return Claims{}, ErrNotAToken
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return Claims{}, ErrSignature
	}
	// All keys are tried before one is looked at: the time taken must not tell which matched.
	matches := false
	for _, key := range s.keys {
		matches = hmac.Equal(mac(key, parts[0]+"."+parts[1]), signature) || matches
	}
	if !matches {
		return Claims{}, ErrSignature
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err != nil {
		return Claims{}, ErrClaims
	}
	var claims wireClaims
	if json.Unmarshal(payload, &claims) != nil || claims.Subject == nil || claims.Audience == nil ||
		claims.Scope == nil || claims.Expires == nil {
		return Claims{}, ErrClaims
	}
	if float64(s.now().UnixNano())/1e9 >= *claims.Expires {
		return Claims{}, ErrExpired
	}
	if *claims.Audience != s.audience {
		return Claims{}, ErrOtherAudience
	}
	return Claims{*claims.Subject, strings.Fields(*claims.Scope)}, nil
}

func mac(key Secret, text string) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(text))
	return hash.Sum(nil)
}
