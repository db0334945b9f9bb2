variables {
  service     = "payments-api"
  environment = "production"
  owner       = "@acme/payments"
}

run "names_by_service_and_environment" {
  command = plan

  assert {
    condition     = output.name == "payments-api-production"
    error_message = "The name must say what it is and where."
  }

  assert {
    condition     = output.labels["owner"] == "@acme/payments" && output.labels["data-classification"] == "internal"
    error_message = "The labels must say who owns it, and what it holds."
  }
}

run "keeps_long_names_apart" {
  command = plan

  variables {
    service    = "payments-api-for-partners"
    max_length = 24
  }

  assert {
    condition     = length(output.name) <= 24 && startswith(output.name, "payments-api-for-") && output.name != substr("payments-api-for-partners-production", 0, 24)
    error_message = "A cut name must fit, and carry a hash."
  }
}

run "refuses_a_person_as_an_owner" {
  command = plan

  variables {
    owner = "jane"
  }

  expect_failures = [var.owner]
}

run "refuses_an_environment_that_nobody_knows" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [var.environment]
}

run "refuses_capitals" {
  command = plan

  variables {
    service = "Payments"
  }

  expect_failures = [var.service]
}

run "refuses_a_length_that_nothing_fits" {
  command = plan

  variables {
    max_length = 5
  }

  expect_failures = [var.max_length]
}
