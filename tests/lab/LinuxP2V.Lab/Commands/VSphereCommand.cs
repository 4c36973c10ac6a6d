using LinuxP2V.Lab.VSphere;

namespace LinuxP2V.Lab.Commands;

/// <summary>A vSphere for whoever wants to try by hand: it runs until Ctrl+C.</summary>
internal static class VSphereCommand
{
    public static async Task<int> RunAsync(VSphereModel model, CancellationToken cancellationToken)
    {
        await using var lab = await VSphereLab.StartAsync(
            new VSphereLabOptions { Model = model, Folder = Path.Combine(LabPaths.Run("vsphere"), Guid.NewGuid().ToString("N")) },
            cancellationToken
        );
        Console.WriteLine($"server      {lab.Address}:{lab.Port}");
        Console.WriteLine($"thumbprint  SHA-256 {lab.ThumbprintSha256}");
        Console.WriteLine($"thumbprint  SHA-1   {lab.ThumbprintSha1}");
        Console.WriteLine($"folder      {lab.Folder}");
        foreach (var user in lab.Users)
        {
            Console.WriteLine($"user        {user.Name}, password {user.Password}, {user.Role}");
        }

        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }
}
