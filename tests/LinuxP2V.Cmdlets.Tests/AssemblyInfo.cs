[assembly: AssemblyTrait("Area", "PowerShell")]
