"""Accounts and repositories as GitHub's JSON, with addresses of the pretend GitHub itself."""

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from console.simulator.inhabitants import Account, Repository

Json = dict[str, Any]

ACCOUNT_PATHS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
REPOSITORY_PATHS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def timestamp(when: datetime | None) -> str | None:
    """As GitHub writes times: whole seconds, UTC."""
    return None if when is None else when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: int) -> str:
    """Opaque, like GitHub's."""
    return f"{kind}_{b64encode(str(number).encode()).decode().rstrip('=')}"


def encoded(value: object) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Places:
    """Makes JSON for one base address: `api` for the API (it may end in `/api/v3`), `web` for the site."""

    api: str
    web: str

    def account(self, account: Account) -> Json:
        """The short form, as owner or actor."""
        url = f"{self.api}/users/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id("U" if account.kind == "User" else "O", account.id),
            "avatar_url": f"{self.web}/avatars/u/{account.id}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.web}/{account.login}",
            **{key: url + path for key, path in ACCOUNT_PATHS.items()},
            "type": account.kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def user(self, account: Account, now: datetime) -> Json:
        """The long form that anybody may see."""
        return self.account(account) | {
            "name": None,
            "company": None,
            "blog": "",
            "location": None,
            "email": None,
            "hireable": None,
            "bio": None,
            "twitter_username": None,
            "public_repos": 2,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": timestamp(now.replace(microsecond=0) - timedelta(days=900)),
            "updated_at": timestamp(now.replace(hour=0, minute=0, second=0)),
        }

    def organization(self, account: Account) -> Json:
        """As `/user/orgs` lists it."""
        url = f"{self.api}/orgs/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id("O", account.id),
            "url": url,
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events",
            "hooks_url": f"{url}/hooks",
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.web}/avatars/u/{account.id}?v=4",
            "description": None,
        }

    def repository_in_run(self, repository: Repository) -> Json:
        """The part that runs carry."""
        url = f"{self.api}/repos/{repository.full_name}"
        return {
            "id": repository.id,
            "node_id": node_id("R", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "private": repository.private,
            "owner": self.account(repository.owner),
            "html_url": f"{self.web}/{repository.full_name}",
            "description": repository.description or None,
            "fork": False,
            "url": url,
            **{key: url + path for key, path in REPOSITORY_PATHS.items()},
        }

    def listed_repository(self, repository: Repository) -> bytes:
        """As lists of repositories have it; kept until it changes."""
        key = self.api + "#listed"
        kept = repository.rendered.get(key)
        if kept is None:
            kept = repository.rendered[key] = encoded(self._listed_repository(repository))
        return kept

    def _listed_repository(self, repository: Repository) -> Json:
        web = f"{self.web}/{repository.full_name}"
        counts = dict.fromkeys(("forks", "stargazers", "watchers", "open_issues"), 0)
        return self.repository_in_run(repository) | {
            "git_url": web.replace("http", "git", 1) + ".git",
            "ssh_url": f"git@pretend:{repository.full_name}.git",
            "clone_url": f"{web}.git",
            "svn_url": web,
            "mirror_url": None,
            "homepage": None,
            "language": None,
            **{f"{name}_count": count for name, count in counts.items()},
            "forks": 0,
            "open_issues": 0,
            "watchers": 0,
            "size": 1024,
            "default_branch": "main",
            "is_template": False,
            "topics": [],
            "has_issues": True,
            "has_projects": True,
            "has_wiki": False,
            "has_pages": False,
            "has_discussions": False,
            "archived": repository.archived,
            "disabled": False,
            "visibility": "private" if repository.private else "public",
            "pushed_at": timestamp(repository.pushed_at),
            "created_at": timestamp(repository.created_at),
            "updated_at": timestamp(repository.pushed_at),
            "license": None,
            "allow_forking": not repository.private,
            "web_commit_signoff_required": False,
            "permissions": {"admin": True, "maintain": True, "push": True, "triage": True, "pull": True},
        }

    def repository(self, repository: Repository) -> Json:
        """The long form."""
        return self._listed_repository(repository) | {"network_count": 0, "subscribers_count": 1}
