"""Steps of the pipeline that run as Lambdas: register, promote, verify, point.

Each folder is one function: handler (parse, log, call), logic (pure), aws (boto3), env (typed).
They carry boto3, the standard library and the modules of `catalog` that need no more.
"""
