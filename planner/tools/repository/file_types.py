"""The file types that Grep takes, by the names people know from search tools. No I/O."""

from __future__ import annotations

from types import MappingProxyType

FILE_TYPES = MappingProxyType(
    {
        "c": ("*.c", "*.h"),
        "clojure": ("*.clj", "*.cljc", "*.cljs", "*.edn"),
        "config": ("*.cfg", "*.conf", "*.config", "*.ini", "*.toml", "*.yaml", "*.yml"),
        "cpp": ("*.cc", "*.cpp", "*.cxx", "*.h", "*.hh", "*.hpp", "*.hxx"),
        "cs": ("*.cs",),
        "css": ("*.css", "*.less", "*.sass", "*.scss"),
        "dart": ("*.dart",),
        "docker": ("Dockerfile", "Dockerfile.*", "*.dockerfile", "docker-compose*.y*ml", "compose*.y*ml"),
        "elixir": ("*.ex", "*.exs", "*.heex"),
        "erlang": ("*.erl", "*.hrl"),
        "fsharp": ("*.fs", "*.fsi", "*.fsx"),
        "go": ("*.go",),
        "gradle": ("*.gradle", "*.gradle.kts"),
        "graphql": ("*.graphql", "*.gql"),
        "groovy": ("*.groovy",),
        "haskell": ("*.hs", "*.lhs"),
        "html": ("*.htm", "*.html"),
        "java": ("*.java",),
        "js": ("*.cjs", "*.js", "*.jsx", "*.mjs", "*.vue"),
        "json": ("*.json", "*.jsonc", "*.json5"),
        "kotlin": ("*.kt", "*.kts"),
        "lua": ("*.lua",),
        "make": ("*.mk", "Makefile", "GNUmakefile"),
        "md": ("*.markdown", "*.md", "*.mdx"),
        "perl": ("*.pl", "*.pm"),
        "php": ("*.php",),
        "prisma": ("*.prisma",),
        "proto": ("*.proto",),
        "py": ("*.py", "*.pyi"),
        "r": ("*.R", "*.r", "*.Rmd"),
        "ruby": ("*.rb", "*.rake", "Gemfile", "Rakefile"),
        "rust": ("*.rs",),
        "scala": ("*.scala", "*.sc"),
        "sh": ("*.bash", "*.sh", "*.zsh"),
        "sql": ("*.sql",),
        "svelte": ("*.svelte",),
        "swift": ("*.swift",),
        "tf": ("*.tf", "*.tfvars", "*.hcl"),
        "toml": ("*.toml",),
        "ts": ("*.cts", "*.mts", "*.ts", "*.tsx"),
        "txt": ("*.txt",),
        "vue": ("*.vue",),
        "xml": ("*.xml", "*.xsd", "*.xsl"),
        "yaml": ("*.yaml", "*.yml"),
    }
)
"""Patterns by type."""

OTHER_NAMES = MappingProxyType(
    {
        "csharp": "cs",
        "dockerfile": "docker",
        "golang": "go",
        "javascript": "js",
        "jsx": "js",
        "markdown": "md",
        "protobuf": "proto",
        "python": "py",
        "rb": "ruby",
        "rs": "rust",
        "shell": "sh",
        "terraform": "tf",
        "tsx": "ts",
        "typescript": "ts",
        "yml": "yaml",
    }
)
"""What else people call them."""
