import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bearsSecret } from "../../../src/repl/secret-line.ts";

const SECRET = [
  "pull --creds me:hunter2 registry/app",
  "pull --creds=me:hunter2 registry/app",
  "pull -creds me:hunter2 registry/app",
  "pull --auth bWU6aHVudGVyMg== app",
  "pull --identity-token abc app",
  "pull --registry-token=abc app",
  "run app --password hunter2",
  "!curl -u me:hunter2 https://registry/v2/",
  "!curl -ume:hunter2 https://registry/v2/",
  "!curl --user 'me:hunter2' https://registry/v2/",
  "!curl --user=me:1234 https://registry/v2/",
  "pull https://me:hunter2@registry/app",
  "!git clone https://ghp_0123456789@example.org/x",
  "set password = hunter2",
  "set db_password=hunter2",
  "ps; set API_TOKEN = abc",
  "run -e DB_PASSWORD=hunter2 app",
  "run --env=PGPASSWORD=hunter2 app",
  "exec web env GITHUB_TOKEN=abc sh",
  "exec web env AWS_SECRET_ACCESS_KEY=abc sh",
  "exec web sh -c 'API_KEY=abc ./go'",
  "!docker login -u me -p hunter2",
  "login registry",
  "ps && login registry",
  "!curl -H 'Authorization: Bearer abcdefgh.ijkl' x",
  'create web - # {"password":"hunter2"}',
  "runp -\npassword: hunter2",
  "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
  "x AKIAIOSFODNN7EXAMPLE",
  "-----BEGIN RSA PRIVATE KEY-----",
  "!sshpass -p hunter2 ssh host",
  "set password hunter2",
  "ps; set db_token hunter2",
  "pull --identitytoken abc app",
  "!curl -H 'Authorization: token hunter2' x",
  "exec db mysql -uroot -phunter2",
  "exec cache redis-cli -a hunter2 ping",
  "exec web sh -c 'echo root:hunter2 | chpasswd'",
  "!kubectl create secret generic x --from-literal=a=b",
  "!echo glpat-0123456789abcdefghij",
  "!echo xoxb-0123456789-abcdefghij",
  "!PGPASSWORD=hunter2 psql",
  "!MYSQL_PWD=hunter2 mysql",
  "run -e DB_PW=hunter2 app",
  "ps;DB_PASSWORD=hunter2",
  "!(TOKEN=hunter2 ./go)",
  "ps |API_KEY=hunter2 ./go",
  "!curl https://host/v1?access_token=hunter2",
  "!curl 'https://host/v1?a=b&api_key=hunter2'",
];

const HARMLESS = [
  "ps -o json | jq '.containers[].id'",
  "exec -it web sh",
  "exec --user 1000:1000 web id",
  "run -u 0:0 app",
  "pull registry/auth:1.0",
  "pull registry.example.org:5000/team/token-server:2",
  "ps --label author=me",
  "logs --tail 10 web",
  "set id = ps -q --name web",
  "connect unix:///run/containerd/containerd.sock",
  "connect tcp://127.0.0.1:5000",
  "inspect passenger",
  "run -e PATH=/bin app",
  "!PWD=/tmp OLDPWD=/ ls",
  "logs -f login-service",
  "stats --namespace default",
  "exec web cat /etc/passwd",
  "exec web mysql -h db",
  "set id ps-passenger",
];

describe("secrets in a line", () => {
  for (const line of SECRET) {
    it(`sees one in ${JSON.stringify(line)}`, () => assert.equal(bearsSecret(line), true));
  }
  for (const line of HARMLESS) {
    it(`sees none in ${JSON.stringify(line)}`, () => assert.equal(bearsSecret(line), false));
  }

  it("ends soon for whatever is pasted", () => {
    const parts = [
      "x",
      "!",
      ";",
      "a-",
      "token",
      "eyJ",
      "mysql ",
      "redis-cli ",
      "set ",
      "a://",
      "-u a ",
    ];
    for (const part of parts) assert.equal(bearsSecret(part.repeat(300_000)), false, part);
  });
});
