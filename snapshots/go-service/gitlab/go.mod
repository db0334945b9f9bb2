module gitlab.com/globex/ledger

go 1.24
