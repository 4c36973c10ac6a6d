using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>One of a server's SOAP interfaces. All share the session of the first.</summary>
/// <param name="Version">The server answers in it.</param>
/// <param name="HasSessionInHeader">It looks for the session in the message, and at no cookie.</param>
internal sealed record SoapService(string Path, XNamespace Namespace, string Version, bool HasSessionInHeader)
{
    /// <summary>The vSphere API itself. Each server from 6.7 on knows this version.</summary>
    public static SoapService Vim { get; } = new("/sdk", VimData.Vim, "urn:vim25/6.7", HasSessionInHeader: false);

    /// <summary>Storage policies, of a vCenter.</summary>
    public static SoapService Policies { get; } = new("/pbm", "urn:pbm", "urn:pbm/2.0", HasSessionInHeader: true);
}
