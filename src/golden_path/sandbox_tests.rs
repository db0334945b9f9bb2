//! What templates may do, and that hostile ones end.

use std::time::{Duration, Instant};

use super::*;

fn answers() -> Answers {
    let list = Answer::List((0..200).map(Answer::Integer).collect());
    [
        ("name", Answer::from("payments-api")),
        ("public", Answer::Boolean(true)),
        ("port", Answer::Integer(8080)),
        ("ports", list),
        ("quote", Answer::from("it's \"1.10\"")),
    ]
    .into_iter()
    .map(|(id, answer)| (id.to_owned(), answer))
    .collect()
}

fn render(source: &str) -> Result<String, Fault> {
    let answers = answers();
    with_stack(|| {
        let scope = Scope::new(&answers, ["region".to_owned()]);
        Sandbox::new().unwrap().text(source, &scope)
    })
    .unwrap()
}

#[test]
fn what_is_trusted_renders_and_fails_alike() {
    let answers = answers();
    let of = |trusts: bool, source: &str| {
        with_stack(|| {
            let scope = Scope::new(&answers, ["region".to_owned()]);
            let sandbox = Sandbox::new().unwrap();
            let sandbox = if trusts { sandbox.trusting() } else { sandbox };
            let text = |fault: Fault| fault.message().to_owned();
            (sandbox.text(source, &scope).map_err(text), sandbox.holds("region == 'a'", &scope).map_err(text))
        })
        .unwrap()
    };
    for source in
        ["<{ name }>", "<% if public %>x<% endif %>", "<{ region }>", "<{ name | nope }>", "<% for x in port %>"]
    {
        assert_eq!(of(true, source), of(false, source), "{source}");
    }
}

fn refused(source: &str) -> String {
    let start = Instant::now();
    let shown: String = source.chars().take(60).collect();
    match render(source) {
        Ok(text) => panic!("{shown} rendered to {} bytes", text.len()),
        Err(fault) => {
            assert!(start.elapsed() < Duration::from_secs(10), "{shown} took {:?}", start.elapsed());
            fault.message().to_owned()
        }
    }
}

#[test]
fn values_print_as_a_configuration_file_wants_them() {
    assert_eq!(render("<{ name }> <{ public }> <{ port }>\n").unwrap(), "payments-api true 8080\n");
    assert_eq!(render("<{ quote | yaml }> <{ quote | shell }>").unwrap(), r#""it's \"1.10\"" 'it'\''s "1.10"'"#);
    assert_eq!(render("<{ name | pascal }>.<{ name | screaming }>").unwrap(), "PaymentsApi.PAYMENTS_API");
    assert_eq!(render("<{ name[:3] }>").unwrap(), "pay");
    assert_eq!(render("<{ 'x-' ~ name ~ port }>").unwrap(), "x-payments-api8080");
}

#[test]
fn foreign_delimiters_pass_through() {
    let text = "${{ github.sha }} {{ .Values.x }} {% raw %} [[ -n $x ]] <<EOF ${x} <%\n";
    assert!(render("${{ a }} {{ .b }} {% c %} {# d #} [[ e ]] <<F ${g} $<h> <i>{</i>\n").is_ok());
    assert!(refused(text).contains("parse"));
}

#[test]
fn a_block_on_a_line_of_its_own_leaves_no_line() {
    let text = "a:\n  <% if public %>\n  b: 1\n  <% endif %>\n  c: 2\n";
    assert_eq!(render(text).unwrap(), "a:\n  b: 1\n  c: 2\n");
}

#[test]
fn lists_mappings_and_none_do_not_print() {
    for source in
        ["<{ ports }>", "<{ {'a': 1} }>", "<{ none }>", "<{ 1.5 }>", "<{ ports ~ 'x' }>", "<{ 'x' ~ public }>"]
    {
        refused(source);
    }
}

#[test]
fn a_name_nobody_asked_for_is_named_with_the_nearest_one() {
    let fault = render("ok\n  <{ nam }>\n").unwrap_err();
    assert_eq!(fault.at, Some(Position { line: 2, column: 6 }));
    assert_eq!(fault.hint.as_deref(), Some("did you mean `name`?"));
}

#[test]
fn an_answer_that_was_not_asked_for_is_named() {
    let fault = render("\n<% if name %><{ region }><% endif %>").unwrap_err();
    assert_eq!(fault.message(), "`region` has no answer here: its question was not asked");
    assert_eq!(fault.at.map(|at| at.line), Some(2));
    assert_eq!(render("<% if region is defined %>x<% endif %>").unwrap(), "");
}

#[test]
fn what_may_be_missing_is_not_blamed() {
    let fault = render("<% if nosuch is defined and x %><% endif %>").unwrap_err();
    assert!(fault.message().contains("nosuch"));
    assert_eq!(render("<{ region | default('none') }>").unwrap(), "none");
}

#[test]
fn line_ends_and_the_last_newline_stay() {
    assert_eq!(render("a\r\n<% if public %>\r\nb\r\n<% endif %>\r\nc").unwrap(), "a\r\nb\r\nc");
    assert_eq!(render("<{ name }>\n\n").unwrap(), "payments-api\n\n");
    assert!(refused(&"x".repeat(MAX_SOURCE + 1)).contains("at most"));
}

#[test]
fn what_is_not_in_the_language_is_refused() {
    for source in [
        "<% include 'x' %>",
        "<% import 'x' as y %>",
        "<% macro f() %><% endmacro %>",
        "<% set x %>y<% endset %>",
        "<% filter upper %>y<% endfilter %>",
        "<% autoescape true %>y<% endautoescape %>",
        "<% do name() %>",
        "<{ range(3) }>",
        "<{ name.upper() }>",
        "<{ name | tojson }>",
        "<{ name is odd }>",
        "<% for x in ports recursive %><% endfor %>",
        "<{ name | join(*ports) }>",
    ] {
        refused(source);
    }
}

#[test]
fn loops_that_never_end_run_out() {
    let nested = |depth: usize| {
        let open: String = (0..depth).map(|n| format!("<% for a{n} in ports %>")).collect::<Vec<_>>().concat();
        format!("{open}x{}", "<% endfor %>".repeat(depth))
    };
    assert!(refused(&nested(6)).contains("fuel"));
    refused(&nested(400));
    refused(
        "<% for a in ports %><% for b in ports %><{ ports|join(',')|replace(',', '                ')|upper }><% endfor %><% endfor %>",
    );
    refused(
        "<% for a in ports %><% for b in ports %><% for c in ports %><% if ports|sort == ports|sort %><% endif %><% endfor %><% endfor %><% endfor %>",
    );
}

#[test]
fn a_gigabyte_is_not_rendered() {
    let big = "y".repeat(500_000);
    let file = format!("<% for a in ports %>{big}<% endfor %>");
    refused(&file);
}

#[test]
fn doubling_is_refused_or_runs_out() {
    let double = |step: &str| format!("<% set x = 'yyyyyyyyyyyyyyyy' %>{}<{{ x }}>", step.repeat(60));
    refused(&double("<% set x = x + x %>"));
    refused(&double("<% set x = x ~ x %>"));
    refused(&double("<% set x = [x, x] %>"));
    refused(&double("<% set x = {'a': x, 'b': x} %>"));
    refused(&double("<% set x = (x, x) %>"));
    refused(&double("<% set x = x | replace('y', x) %>"));
    let with: String = (0..60).map(|n| format!("<% with x{} = [x{n}, x{n}] %>", n + 1)).collect::<Vec<_>>().concat();
    refused(&format!("<% with x0 = 'y' %>{with}<{{ x60 | json }}>{}", "<% endwith %>".repeat(61)));
    refused("<% for x in [ports, ports] %><% set y = [x, x] %><{ y | json }><% endfor %>");
}

#[test]
fn multiplying_a_text_is_refused() {
    assert!(refused("<{ 'x' * 1000000000 }>").contains("multiplied"));
    refused("<{ name * 1000000000 }>");
    refused("<{ 1000000000 * name }>");
    refused("<{ [1] * 1000000000 }>");
    refused("<% set x = ports * 1000000 %><{ x | join }>");
}

#[test]
fn large_numbers_end_soon() {
    let start = Instant::now();
    for source in ["2 ** 100000", "9 ** 9 ** 9 ** 9", "99999999999999999999999999999999999999 * 9", "1 // 0", "1 % 0"] {
        let _ = render(&format!("<{{ {source} }}>"));
    }
    let _ = render(&format!("<% set x = 9 %>{}<{{ x }}>", "<% set x = x * x %>".repeat(1000)));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn deep_nesting_needs_no_stack() {
    for (open, close) in [("(", ")"), ("[", "]"), ("not ", ""), ("-", ""), ("{'a':", "}")] {
        for depth in [100, 390, 100_000] {
            let source = format!("<% if {}1{} %><% endif %>", open.repeat(depth), close.repeat(depth));
            let _ = render(&source);
        }
    }
    for chain in ["+1", ".a", "|upper", " if 1 else 1", "[0]", " and 1", "~'x'", " is defined", "==1"] {
        for length in [90, 100_000] {
            let _ = render(&format!("<{{ 1{} }}>", chain.repeat(length)));
        }
    }
    for blocks in [100, 5000] {
        let _ = render(&format!("{}x{}", "<% if 1 %>".repeat(blocks), "<% endif %>".repeat(blocks)));
        let _ = render(&format!("<% if 1 %>{}<% endif %>", "<% elif 1 %>".repeat(blocks)));
    }
}

#[test]
fn long_chains_of_kept_values_need_no_stack() {
    for step in ["<% set x = x + ports %>", "<% set x = x[1:] %>", "<% set x = x * 1 %>", "<% set x = x | sort %>"] {
        let _ = render(&format!("<% set x = ports %>{}<{{ x | join }}>", step.repeat(4_900)));
        let _ = render(&format!("<% set x = ports %>{}<{{ x | json }}>", step.repeat(1_000)));
    }
}

#[test]
fn a_filter_gives_at_most_a_megabyte() {
    let long = "z".repeat(100_000);
    assert!(refused(&format!("<{{ ports | join('{long}') }}>")).contains("more than"));
    assert!(refused(&format!("<{{ '{}' | replace('a', '{long}') }}>", "a".repeat(1000))).contains("more than"));
}

#[test]
fn an_expression_must_give_true_or_false() {
    let answers = answers();
    assert_eq!(holds("name is startingwith 'pay' and port > 80", &answers), Ok(true));
    assert_eq!(holds("name is containing 'x' or 'go' in ['py']", &answers), Ok(false));
    assert_eq!(holds("port in ports", &answers), Ok(false));
    for wrong in ["name", "nosuch", "name ==", "1 +", "ports()", "'x' * 9"] {
        assert!(holds(wrong, &answers).is_err(), "{wrong}");
    }
}
