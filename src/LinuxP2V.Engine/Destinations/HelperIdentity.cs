using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Destinations;

/// <summary>By what the helper of a conversion is known again.</summary>
/// <param name="HostKey"><c>algorithm base64</c>. The helper makes it when it boots.</param>
/// <param name="PoweredOnAt"><see cref="HelperEndpoint.PoweredOnAt"/>.</param>
public sealed record HelperIdentity(string HostKey, string? PoweredOnAt)
{
    internal static P2VException Mismatch(string? conversionId, string machine) =>
        new(
            ErrorIds.HelperHostKeyMismatch,
            $"Two helpers announce themselves in the settings of the VM {machine}, with different host keys. One of them is false, and "
                + "neither gets a secret.",
            "Find out who may write the VM's settings. Then power the VM off; Resume-P2VConversion starts it anew.",
            conversionId
        );
}
