using System.Text;
using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Storage;

/// <summary>Whether anything in the kernel still holds a block device, in whichever mount namespace.</summary>
internal static class DeviceUse
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until a device that was unmounted is let go of.</summary>
    /// <exception cref="AgentException">MountFailed.</exception>
    public static async Task WaitForEndAsync(string device, CancellationToken cancellationToken)
    {
        for (var waited = TimeSpan.Zero; IsHeld(device); waited += Pause)
        {
            if (waited >= Timeout)
            {
                throw new AgentException(
                    ErrorIds.MountFailed,
                    $"{device} is still in use {Timeout.TotalSeconds:0} seconds after it was unmounted.",
                    "A program in the helper still uses it: restart the helper VM, and resume the conversion."
                );
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>By the kernel's own claim, which a mount holds and an exclusive opening asks for.</summary>
    private static bool IsHeld(string device) => !NativeFiles.CanClaim(Encoding.UTF8.GetBytes(device + '\0'));
}
