#!/usr/bin/env python3
"""usage: delete_model.py ID

Deletes a custom model. The gateway's socket is $MODELS_GATEWAY_SOCKET, or where it is by default.
"""

import sys

from models_gateway import Client, ModelsError, PermissionDenied

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        with Client() as gateway:
            gateway.models_delete_specific_model(sys.argv[1])
    except PermissionDenied as error:
        sys.exit(f"This socket does not allow it. {error}")
    except ModelsError as error:
        sys.exit(str(error))
    print("deleted", sys.argv[1])
