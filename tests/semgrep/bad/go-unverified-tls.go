package bad

import "crypto/tls"

var settings = tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}
