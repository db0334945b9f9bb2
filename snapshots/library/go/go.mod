module github.com/acme/my-library

go 1.24
