[assembly: AssemblyTrait("Area", "Engine")]
