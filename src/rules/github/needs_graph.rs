//! What jobs wait for.

use std::ops::Range;

use super::workflow::{Job, Workflow, text};
use crate::rules::rule::Report;

/// The jobs that a job waits for, each with its place.
pub(super) fn needed<'f>(job: &Job<'f>) -> Vec<(&'f str, Range<usize>)> {
    let Some(needs) = job.get("needs") else { return Vec::new() };
    let items = needs.items().unwrap_or_default().iter();
    let listed =
        items.filter_map(|item| Some((text(job.workflow.document.resolve(&item.value))?, item.value.span.clone())));
    let all = text(needs).map(|name| (name, needs.span.clone())).into_iter().chain(listed);
    all.filter(|(name, _)| !name.is_empty() && !name.contains("${{")).collect()
}

/// Reports jobs that wait for a job that is not there, or for each other.
pub(super) fn judge_needs(workflow: &Workflow<'_>, report: &mut Report) {
    let jobs = workflow.jobs();
    let find = |name: &str| jobs.iter().position(|job| job.id().eq_ignore_ascii_case(name));
    let edges: Vec<Vec<usize>> =
        jobs.iter().map(|job| needed(job).iter().filter_map(|(name, _)| find(name)).collect()).collect();
    for (n, job) in jobs.iter().enumerate() {
        for (name, range) in needed(job) {
            let message = match find(name) {
                None => format!("job `{}` needs `{name}`, and there is no such job", job.id()),
                Some(other) if other == n => format!("job `{}` needs itself", job.id()),
                // Each ring is said once, at the job that comes first in the file.
                Some(other) => match ring(&edges, n, other) {
                    Some(ring) if ring.iter().all(|member| *member >= n) => {
                        let names: Vec<&str> = ring.iter().map(|member| jobs[*member].id()).collect();
                        format!("jobs wait for each other, so none of them starts: `{}`", names.join("`, `"))
                    }
                    _ => continue,
                },
            };
            let address = format!("{}.needs[{name}]", job.address());
            report.at(workflow.subject, &range, message).address(address);
        }
    }
}

/// The shortest way from `start` over its edge to `first` back to `start`.
fn ring(edges: &[Vec<usize>], start: usize, first: usize) -> Option<Vec<usize>> {
    let mut came: Vec<Option<usize>> = vec![None; edges.len()];
    let mut queue = std::collections::VecDeque::from([first]);
    came[first] = Some(start);
    while let Some(at) = queue.pop_front() {
        if at == start {
            let mut way = Vec::new();
            let mut here = at;
            while let Some(before) = came[here] {
                way.push(before);
                here = before;
                if here == start {
                    break;
                }
            }
            way.reverse();
            return Some(way);
        }
        for next in &edges[at] {
            if came[*next].is_none() {
                came[*next] = Some(at);
                queue.push_back(*next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_found_however_long_it_is() {
        let edges = vec![vec![1], vec![2, 3], vec![0], vec![]];
        assert_eq!(ring(&edges, 0, 1), Some(vec![0, 1, 2]));
        assert_eq!(ring(&edges, 1, 3), None);
        assert_eq!(ring(&[vec![1], vec![]], 0, 1), None);
    }
}
