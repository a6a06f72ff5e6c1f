"""Preconditioning with matrices, and orthogonal updates."""

from oracles.cases.case import cases, scheduled

CASES = [
    *cases(
        "Newton",
        "optimistix.Newton(rtol=0, atol=0)",
        {"lr": 1.0, "damping": 0.0},
        problems="convex",
        steps=8,
    ),
    *cases(
        "Shampoo",
        "pytorch_optimizer.Shampoo([w], lr={lr}, matrix_eps={eps})",
        {"lr": 0.1, "eps": 1e-6},
        {"lr": 0.3, "eps": 0.1},
        problems="wide tall",
    ),
    *cases(
        "Shampoo",
        scheduled("pytorch_optimizer.Shampoo([w], lr=1.0, matrix_eps={eps})"),
        {"lr": "decaying", "eps": 1e-3},
        problems="wide",
    ),
    *cases(
        "Muon",
        "torch.optim.Muon([w], lr={lr}, momentum={momentum}, nesterov={nesterov}, "
        "weight_decay={weight_decay}, ns_steps={ns_steps})",
        {"lr": 0.02, "momentum": 0.95, "nesterov": True, "weight_decay": 0.0, "ns_steps": 5},
        {"lr": 0.05, "momentum": 0.8, "nesterov": False, "weight_decay": 0.5, "ns_steps": 3},
        problems="wide tall",
    ),
    *cases(
        "Muon",
        scheduled("torch.optim.Muon([w], lr=1.0, momentum={momentum}, weight_decay={weight_decay})"),
        {"lr": "decaying", "momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "ns_steps": 5},
        problems="wide",
    ),
    *cases(
        "Moonlight",
        "torch.optim.Muon([w], lr={lr}, momentum={momentum}, nesterov={nesterov}, "
        "weight_decay={weight_decay}, ns_steps={ns_steps}, adjust_lr_fn='match_rms_adamw')",
        {"lr": 0.05, "momentum": 0.95, "nesterov": True, "weight_decay": 0.1, "ns_steps": 5},
        {"lr": 0.1, "momentum": 0.8, "nesterov": False, "weight_decay": 0.5, "ns_steps": 5},
        problems="wide tall",
    ),
    *cases(
        "Moonlight",
        scheduled(
            "torch.optim.Muon([w], lr=1.0, momentum={momentum}, weight_decay={weight_decay}, "
            "adjust_lr_fn='match_rms_adamw')"
        ),
        {"lr": "decaying", "momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "ns_steps": 5},
        problems="tall",
    ),
    *cases(
        "NorMuon",
        "pytorch_optimizer.NorMuon([dict(params=[w], use_muon=True)], lr={lr}, momentum={beta1}, "
        "beta2={beta2}, eps={eps}, weight_decay={weight_decay}, update_scale='match_rms', nesterov=False, "
        "foreach=False)",
        {"lr": 0.05, "beta1": 0.95, "beta2": 0.95, "eps": 1e-10, "weight_decay": 0.0},
        {"lr": 0.1, "beta1": 0.8, "beta2": 0.5, "eps": 1e-3, "weight_decay": 0.5},
        problems="wide tall",
    ),
    *cases(
        "NorMuon",
        scheduled(
            "pytorch_optimizer.NorMuon([dict(params=[w], use_muon=True)], lr=1.0, momentum={beta1}, "
            "beta2={beta2}, eps={eps}, weight_decay={weight_decay}, update_scale='match_rms', nesterov=False, "
            "foreach=False)"
        ),
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.9, "eps": 1e-10, "weight_decay": 0.1},
        problems="wide",
    ),
]
