// Parses Terraform's language with the parser of Terraform itself, made for JavaScript: hcl2json FILE
const { readFileSync } = require('node:fs');
const { parse } = require('@cdktf/hcl2json');

parse(process.argv[2], readFileSync(process.argv[2], 'utf8')).catch((error) => {
  console.error(String(error.message ?? error));
  process.exitCode = 1;
});
