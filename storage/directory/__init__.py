"""The directory of services around the corner (便民服务): searched, shown in turn, kept right."""
