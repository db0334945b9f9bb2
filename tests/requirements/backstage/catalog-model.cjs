// Holds catalogue files against Backstage's own policies and kinds: catalog-model FILE...
const { readFileSync } = require('node:fs');
const model = require('@backstage/catalog-model');
const { parseAllDocuments } = require('yaml');

const policy = model.EntityPolicies.allOf([
  new model.SchemaValidEntityPolicy(),
  new model.DefaultNamespaceEntityPolicy(),
  new model.NoForeignRootFieldsEntityPolicy(),
  new model.FieldFormatEntityPolicy(),
]);
const kinds = Object.keys(model).filter((name) => name.endsWith('EntityV1alpha1Validator'));

async function judge(document) {
  if (document.errors.length) throw document.errors[0];
  const entity = await policy.enforce(document.toJS());
  const known = await Promise.all(kinds.map((kind) => model[kind].check(entity)));
  if (!known.includes(true)) throw new Error(`${entity.kind} is of no kind that Backstage knows`);
}

for (const file of process.argv.slice(2)) {
  Promise.all(parseAllDocuments(readFileSync(file, 'utf8')).map(judge)).catch((error) => {
    console.error(`${file}: ${error.message}`);
    process.exitCode = 1;
  });
}
