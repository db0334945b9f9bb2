module github.com/acme/my-service

go 1.24
