import { cookie } from "@web/core/browser/cookie";

/**
 * The pages of Odoo's own website include the embed script by themselves, and follow its cookie bar. Other pages
 * that visitors see (the portal), and pages under the website editor, do not.
 */
function load() {
    const page = document.documentElement;
    if (!page.dataset.websiteId || window.frameElement) {
        return;
    }
    const script = document.createElement("script");
    script.src = "/pipeline/embed.js";
    script.async = true;
    // Websites without a cookie bar allow every cookie; only the website addon knows of the bar.
    const isAllowed = !cookie.isAllowedCookie || cookie.isAllowedCookie("optional");
    script.dataset.consent = isAllowed ? "granted" : "required";
    document.addEventListener("optionalCookiesAccepted", () => (script.dataset.consent = "granted"));
    document.addEventListener("optionalCookiesDenied", () => (script.dataset.consent = "denied"));
    document.head.append(script);
}

if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", load);
} else {
    load();
}
