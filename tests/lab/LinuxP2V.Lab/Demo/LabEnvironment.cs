namespace LinuxP2V.Lab.Demo;

/// <summary>The environment in which the product runs in the lab: the user's own conversions and modules stay out of it.</summary>
public static class LabEnvironment
{
    public static Dictionary<string, string> For(string stateFolder)
    {
        var modules = Environment.GetEnvironmentVariable("PSModulePath");
        return new Dictionary<string, string>
        {
            ["LINUXP2V_STATE"] = stateFolder,
            // Without it a host that has KVM would not show what one without it does.
            ["LINUXP2V_ACCELERATOR"] = "tcg",
            ["PSModulePath"] = string.IsNullOrEmpty(modules) ? LabPaths.Output : $"{LabPaths.Output}:{modules}",
            ["NO_COLOR"] = "1",
        };
    }
}
