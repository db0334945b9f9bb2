package bad

import "net/http"

var server = http.Server{Addr: ":8080"}
