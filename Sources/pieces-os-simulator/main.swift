print("pieces-os-simulator")
