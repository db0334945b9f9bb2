use super::view::{Syntax, View};
use super::{Fuel, Query};

fn found(syntax: Syntax, text: &str, query: &str) -> Vec<String> {
    let view = View::parse(syntax, text).unwrap();
    let query = Query::parse(query).unwrap();
    let mut fuel = Fuel(1_000_000);
    let mut all = Vec::new();
    for root in &view.roots {
        for node in query.select(&view, *root, &mut fuel).unwrap() {
            all.push(text[view.shown(node).clone()].to_owned());
        }
    }
    all
}

const BOOKS: &str = r#"{"store": {"book": [
  {"category": "reference", "author": "Nigel Rees", "price": 8.95},
  {"category": "fiction", "author": "Evelyn Waugh", "price": 12.99},
  {"category": "fiction", "author": "Herman Melville", "isbn": "0-553-21311-3", "price": 8.99}
], "bicycle": {"color": "red", "price": 399}}}"#;

#[test]
fn selectors_select_in_order_with_their_places() {
    let of = |query: &str| found(Syntax::Json, BOOKS, query);
    assert_eq!(of("$.store.book[*].author"), ["\"Nigel Rees\"", "\"Evelyn Waugh\"", "\"Herman Melville\""]);
    assert_eq!(of("$..price"), ["8.95", "12.99", "8.99", "399"]);
    assert_eq!(of("$..book[-1].price"), ["8.99"]);
    assert_eq!(of("$..book[::-2]['price', \"author\"]"), ["8.99", "\"Herman Melville\"", "8.95", "\"Nigel Rees\""]);
    assert_eq!(of("$..book[?@.isbn].price"), ["8.99"]);
    assert_eq!(of("$..book[? @.price<10 && !(@.isbn) ].price"), ["8.95"]);
    assert_eq!(of("$..book[?@.price == $.store.bicycle.nothing || match(@.author, 'E.*h')].price"), ["12.99"]);
    assert_eq!(of("$..book[?search(@.author, 'vel|elv')].price"), ["12.99", "8.99"]);
    assert_eq!(of("$..book[?length(@.category) == 7 && count(@.*) > 3].price"), ["8.99"]);
    assert_eq!(of("$..[?value(@..color) == 'red'].price"), ["399"]);
    assert!(of("$.store.book[?@.price == 'x']").is_empty());
}

#[test]
fn what_is_no_query_is_refused_with_the_character() {
    for (text, at) in [
        ("", 1),
        ("store", 1),
        ("$.", 3),
        ("$.1", 3),
        ("$[", 3),
        ("$['a", 5),
        ("$[01]", 3),
        ("$ ", 2),
        ("$[?@.a", 7),
        ("$[?@.a == @..b]", 15),
        ("$[?count(1) == 1]", 10),
        ("$[?length(@.a)]", 15),
        ("$[?frob(@)]", 4),
        ("$['\\x']", 5),
    ] {
        let error = Query::parse(text).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error:?}");
    }
    assert!(Query::parse(&format!("${}", "['a']".repeat(1000))).is_err());
    assert!(Query::parse(&format!("$[?{}1==1{}]", "(".repeat(400), ")".repeat(400))).is_err());
    assert!(Query::parse(&format!("${}", "[?@".repeat(400))).is_err());
}

#[test]
fn a_query_that_grows_without_measure_ends() {
    let text = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let view = View::parse(Syntax::Json, &text).unwrap();
    for query in [
        "$..*..*..*..*..*..*",
        "$..[?@..*[?@..*[?@..* == $..*]]]",
        "$[*,*,*,*,*,*][*,*,*,*,*,*][*,*,*,*,*,*][*,*,*,*,*,*][*,*,*,*,*,*][*,*,*,*,*,*][*,*,*,*,*,*][*,*,*,*,*,*]",
    ] {
        let Ok(query) = Query::parse(query) else { continue };
        assert!(query.select(&view, view.roots[0], &mut Fuel(200_000)).is_err());
    }
}

#[test]
fn yaml_is_followed_through_aliases_and_every_document() {
    let text = "base: &b {image: x:1, n: 1.10}\na:\n  <<: *b\n  n: 2\nl: [*b, no, true]\n---\na: {n: 3}\n";
    let of = |query: &str| found(Syntax::Yaml, text, query);
    assert_eq!(of("$.a.n"), ["2", "3"]);
    assert_eq!(of("$.a.image"), ["x:1"]);
    assert_eq!(of("$.l[?@ == true]"), ["true"]);
    assert_eq!(of("$.l[?@ == 'no']"), ["no"]);
    assert_eq!(of("$.l[?@.n == 1.1].image"), ["x:1"]);
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    assert!(View::parse(Syntax::Yaml, bomb).is_err());
}

#[test]
fn hcl_and_dockerfiles_have_documents() {
    let hcl = "a = 1\nresource \"aws_s3_bucket\" \"logs\" {\n  acl = \"public-read\"\n  tags = { team = \"x\" }\n  rule {\n    days = var.days\n  }\n}\n";
    let of = |query: &str| found(Syntax::Hcl, hcl, query);
    assert_eq!(of("$.attributes.a"), ["1"]);
    assert_eq!(of("$.blocks[?@.labels[0]=='aws_s3_bucket'].attributes.acl"), ["\"public-read\""]);
    assert_eq!(of("$.blocks[?@.kind=='resource'].blocks[?@.kind=='rule'].attributes.days"), ["var.days"]);
    assert_eq!(of("$..tags.team"), ["\"x\""]);
    let dockerfile = "ARG V=3\nFROM --platform=linux/amd64 alpine:$V AS build\nENV A=1 B='2 3'\nRUN --mount=type=cache,target=/x make\nFROM scratch\nCOPY --from=build /a /b\nCMD [\"/b\", \"c\"]\nFROM build\n";
    let of = |query: &str| found(Syntax::Dockerfile, dockerfile, query);
    assert_eq!(of("$.stages[?@.from.image=='alpine:3'].from.image"), ["alpine:$V"]);
    assert_eq!(of("$.stages[*].from.stage"), ["build"]);
    assert_eq!(of("$.stages[0].instructions[?@.keyword=='ENV'].pairs[?@.value=='2 3']"), ["B='2 3'"]);
    assert_eq!(of("$..instructions[?@.flags.from=='build'].words[0]"), ["/a"]);
    assert_eq!(of("$..exec[1]"), ["\"c\""]);
    assert_eq!(of("$.args[0].name"), ["V=3"]);
}
