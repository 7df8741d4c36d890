print("models-gateway")
