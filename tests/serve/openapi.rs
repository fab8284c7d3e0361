//! The description of the JSON interface, held against the real answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::{Answer, Server};

/// A request for each operation and status that is described.
const REQUESTS: [(&str, &str, &str); 24] = [
    ("/v1/query", "/v1/query?text=Berth&min=30&limit=9&machine_penalty=3&markup_penalty=2", ""),
    ("/v1/query", "/v1/query", "{\"text\": \"Select a vessel, and then select **Save**.\", \"min\": 30}"),
    (
        "/v1/query",
        "/v1/query",
        "{\"queries\": [{\"text\": \"Berth\", \"before\": \"a\"}, {\"text\": \"b\"}], \"to\": \"ko-KR\"}",
    ),
    ("/v1/query", "/v1/query", "{\"texts\": 1}"),
    ("/v1/query", "/v1/query?text=a&min=0", ""),
    ("/v1/search", "/v1/search?pattern=berth&limit=1000", ""),
    ("/v1/search", "/v1/search?pattern=berth&count", ""),
    ("/v1/search", "/v1/search?pattern=(&regex", ""),
    ("/v1/documents", "/v1/documents?limit=3", ""),
    ("/v1/documents", "/v1/documents", ""),
    ("/v1/document", "/v1/document?set=docs&document=index.md", ""),
    ("/v1/document", "/v1/document?set=docs&document=none", ""),
    ("/v1/stats", "/v1/stats", ""),
    ("/v1/export.tmx", "/v1/export.tmx?to=ko-KR", ""),
    ("/v1/export.jsonl", "/v1/export.jsonl?to=ko-KR", ""),
    ("/v1/openapi.json", "/v1/openapi.json", ""),
    ("/healthz", "/healthz", ""),
    ("/metrics", "/metrics", ""),
    ("/tmserver/languages/", "/tmserver/languages/", ""),
    ("/api/v1/languages/", "/api/v1/languages/", ""),
    ("/tmserver/{source}/{target}/unit/{text}", "/tmserver/en/ko/unit/Berth?min_similarity=30", ""),
    ("/api/v1/{source}/{target}/unit/{text}", "/api/v1/en/ko/unit/Berth?max_candidates=1", ""),
    (
        "/tmserver/{source}/{target}/store/{name}",
        "/tmserver/en/ko/store/a",
        "[{\"source\": \"a\", \"target\": \"b\"}]",
    ),
    ("/api/v1/{source}/{target}/store/{name}", "/api/v1/en/ko/store/a", "[{\"source\": 1}]"),
];

/// The schema of an answer, with the schemas that it refers to.
fn schema(document: &Value, path: &str, method: &str, answer: &Answer) -> Value {
    let responses = &document["paths"][path][method]["responses"];
    let response = match responses.get(answer.status.to_string()) {
        Some(response) => response,
        None => &document["components"]["responses"]["Problem"],
    };
    let media_type = answer.header("content-type").unwrap().split(';').next().unwrap().to_owned();
    let schema = &response["content"][&media_type]["schema"];
    assert!(!schema.is_null(), "{method} {path} {}: {media_type} is not described", answer.status);
    json!({ "allOf": [schema], "components": document["components"] })
}

#[test]
fn the_real_answers_are_as_described() {
    let server = Server::of_fixtures(&["--writable"]);
    let document = server.get("/v1/openapi.json").json();
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut seen = BTreeSet::new();
    for (path, address, body) in REQUESTS {
        let (method, answer) = match body {
            "" => ("get", server.get(address)),
            body => ("post", server.post(address, body)),
        };
        seen.insert((path.to_owned(), method.to_owned()));
        let schema = schema(&document, path, method, &answer);
        let is_json =
            answer.header("content-type").is_some_and(|kind| kind.contains("json") && !kind.contains("nd"));
        let value: Value = match is_json {
            true => serde_json::from_str(answer.text()).unwrap(),
            false => json!(answer.text()),
        };
        let validator =
            jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{path}: {error}"));
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{method} {address}: {errors:#?}\n{value:#}");
        if path == "/v1/export.jsonl" {
            let line =
                json!({ "$ref": "#/components/schemas/Segment", "components": document["components"] });
            let validator = jsonschema::draft202012::new(&line).unwrap();
            for line in answer.text().lines() {
                assert!(validator.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
            }
        }
    }
    // Nothing that is described was left out here; PUT is tested with the stores.
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in
            operations.as_object().unwrap().keys().filter(|name| ["get", "post"].contains(&name.as_str()))
        {
            assert!(
                seen.contains(&(path.clone(), method.clone())),
                "{method} {path} is described and not tested"
            );
        }
    }
}

/// What is sent is described too: the parameters that a real request may have are those in the document.
#[test]
fn the_parameters_that_are_described_are_those_that_are_known() {
    let server = Server::of_fixtures(&[]);
    let document = server.get("/v1/openapi.json").json();
    for path in
        ["/v1/query", "/v1/search", "/v1/documents", "/v1/document", "/v1/export.tmx", "/v1/export.jsonl"]
    {
        // The sentence about an unknown parameter lists those that are known.
        let refused = server.get(&format!("{path}?no_such_parameter=1")).problem(400);
        let known: BTreeSet<&str> = refused.split("these are: ").nth(1).unwrap().split(", ").collect();
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let described: BTreeSet<&str> =
            parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(known, described, "{path}");
    }
}

#[test]
fn the_description_is_a_document_of_openapi_3_1() {
    let text = Server::of_fixtures(&[]).get("/v1/openapi.json").text().to_owned();
    let spec = oas3::from_json(&text).expect("OpenAPI 3.1");
    assert_eq!(spec.validate_version().unwrap().to_string(), "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, method, operation) in spec.operations() {
        let id = operation.operation_id.clone().unwrap_or_else(|| panic!("{method} {path} has no id"));
        assert!(ids.insert(id), "{method} {path}: an id twice");
        assert!(operation.summary.is_some(), "{method} {path} has no summary");
        for name in path.split(['{', '}']).skip(1).step_by(2) {
            assert!(text.contains(&format!("\"name\": \"{name}\"")), "{path}: {name} is not described");
        }
        for response in operation.responses(&spec).values() {
            assert!(response.description.is_some(), "{method} {path}");
        }
    }
    // Every schema is one of JSON Schema 2020-12, and every reference leads somewhere.
    let document: Value = serde_json::from_str(&text).unwrap();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
    for reference in text.split("\"$ref\": \"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}
