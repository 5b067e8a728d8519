"""`portal-embed sandbox`: a pretend Stripe on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.cli.loading import take_port

if TYPE_CHECKING:
    import argparse

    from portal_embed.cli.loading import Commands

PORT = 12111


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "sandbox",
        help="run a pretend Stripe on this machine",
        description="Run a pretend Stripe on 127.0.0.1: the API, Stripe.js and the hosted pages, in memory. It takes "
        "test keys only, any of them, and forgets everything when it ends.",
    )
    parser.add_argument("--port", type=int, default=PORT, help="the port (default: %(default)s; 0: any free one)")
    parser.add_argument("--seed", default="", help="the same seed gives the same ids")
    parser.add_argument(
        "--truth", action="store_true", help="print how each behaviour is known (recorded, documented, assumed) and end"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted, or print the table."""
    from portal_embed.sandbox import print_truth, serve

    if options.truth:
        print_truth()
        return 0
    with take_port("127.0.0.1", options.port) as free:  # a clear sentence if it is not
        port = free.getsockname()[1]
    print("A pretend Stripe starts. To use it, set\n")
    print("  STRIPE_SECRET_KEY=sk_test_sandbox")
    print("  STRIPE_PUBLISHABLE_KEY=pk_test_sandbox")
    print(f"  STRIPE_API_BASE=http://127.0.0.1:{port}")
    print(f"  STRIPE_JS_URL=http://127.0.0.1:{port}/stripe.js\n")
    print(f"http://127.0.0.1:{port}/ shows its customers, its clock and its last requests.")
    print("Ctrl-C ends it.", flush=True)
    serve(port, seed=options.seed)
    return 0
